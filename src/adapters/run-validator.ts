import { execa } from "execa";

type Refused = { readonly kind: "invalid"; readonly why: string };

const LIMIT_MS = 30_000;
const MAX_WORDS = 300;

/**
 * Asks the user's own validator: it gets the bytes, or those of a file, on stdin and accepts them by ending with 0. Anything else, also a
 * validator that cannot be started or takes over 30 s, refuses them: a graph that nobody vouches for is not uploaded.
 */
export const runValidator = async (
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  graph: Uint8Array | { readonly path: string },
): Promise<Refused | undefined> => {
  const result = await execa(program, args, {
    ...(graph instanceof Uint8Array ? { input: graph } : { inputFile: graph.path }),
    env,
    extendEnv: false,
    reject: false,
    timeout: LIMIT_MS,
    stdout: "ignore",
    cleanup: false,
  });
  if (!result.failed) return undefined;
  const words = (result.stderr || result.shortMessage || "").trim().split("\n")[0] ?? "";
  return { kind: "invalid", why: `KGSYNC_VALIDATE_CMD refused it: ${words.slice(0, MAX_WORDS)}` };
};
