// Has kgsync fill its cache of compiled code (src/adapters/code-cache.ts) as the image's build wants it: by whole runs, against
// a bucket that answers, so that also the functions behind the first answer are in it. One file for each command and kind of
// bucket; what is there is not made anew.
//   node scripts/fill-caches.ts PROGRAM [ARGUMENT…]       (the words that start kgsync: kgsync; or: node dist/kgsync.cjs)
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeBucket, startFakeBucket } from "./fake-bucket.ts";

type Environment = Readonly<Record<string, string>>;

const [program, ...words] = process.argv.slice(2);
if (program === undefined) throw new Error("fill-caches PROGRAM [ARGUMENT…]: which kgsync?");

const root = mkdtempSync(join(tmpdir(), "kgsync-fill-"));
const graph = (name: string): string =>
  JSON.stringify({ version: "1.0.0", services: { [name]: { name, metadata: { of: ["the", "build"] } } } });

/** The settings of each kind of bucket. */
const kinds = (port: number): Readonly<Record<string, Environment>> => {
  const origin = `http://127.0.0.1:${port}`;
  return {
    file: { KGSYNC_BUCKET: `file://${join(root, "bucket")}` },
    s3: {
      KGSYNC_BUCKET: "s3://bucket/app",
      AWS_ENDPOINT_URL_S3: origin,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "none",
      AWS_SECRET_ACCESS_KEY: "none",
    },
    gs: { KGSYNC_BUCKET: "gs://bucket/app", STORAGE_EMULATOR_HOST: origin },
    az: {
      KGSYNC_BUCKET: "az://bucket/app",
      AZURE_STORAGE_SERVICE_ENDPOINT: origin,
      AZURE_STORAGE_ACCOUNT: "none",
      AZURE_STORAGE_KEY: "none",
    },
  };
};

/** Runs kgsync to its end, in an empty folder of its own. `meanwhile`: when it resolves, the app, which waits for it, reads the end of its input. */
const kgsync = async (
  args: readonly string[],
  env: Environment,
  { code = 0, meanwhile }: { code?: number; meanwhile?: Promise<void> } = {},
): Promise<void> => {
  const child = spawn(program, [...words, ...args], {
    cwd: mkdtempSync(join(root, "place-")),
    env: { PATH: process.env["PATH"] ?? "", KGSYNC_DEBOUNCE: "10ms", ...env },
    stdio: ["pipe", "inherit", "inherit"],
  });
  void meanwhile?.then(() => child.stdin.end());
  if (meanwhile === undefined) child.stdin.end();
  const ended = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (ended !== code)
    throw new Error(`kgsync ${args.join(" ")} ended with ${ended}, not ${code}: ${JSON.stringify(env)}`);
};

/** A graph and some backups that are there before, put there by somebody else: what kgsync runs first fills the caches. */
const seed = (bucket: FakeBucket): void => {
  const put = (name: string, text: string): void => {
    bucket.put(`app/${name}`, text);
    writeFileSync(join(root, "bucket", name), text);
  };
  mkdirSync(join(root, "bucket/backups"), { recursive: true });
  put("knowledge_graph.json", graph("before"));
  for (let n = 0; n < 8; n++) put(`backups/knowledge_graph_20260101_00000${n}.json`, graph(`backup${n}`));
};

/** Pull, probe, start, a save of the app and of a backup, pushed while it runs, and the end. */
const run = async (env: Environment, bucket: FakeBucket, scheme: string): Promise<void> => {
  const app = [
    `printf '%s' '${graph("a backup")}' >amadeus/backups/knowledge_graph_20260102_000000.json`,
    `printf '%s' '${graph("saved")}' >amadeus/knowledge_graph.json`,
    // a folder tells nobody when it has the save: there, that at the end is the only one
    scheme === "file" ? "true" : "read -r nothing || true",
  ].join(" && ");
  const meanwhile = scheme === "file" ? Promise.resolve() : bucket.nextPut("/knowledge_graph.json");
  await kgsync(["run", "--", "sh", "-c", app], env, { meanwhile });
};

const bucket = await startFakeBucket();
try {
  for (const [scheme, env] of Object.entries(kinds(bucket.port))) {
    seed(bucket);
    await run(env, bucket, scheme);
  }
  // Of any bucket. Where all is well, the program is not loaded (src/boot.ts); here nothing runs.
  await kgsync(["health"], kinds(bucket.port)["file"] ?? {}, { code: 1 });
} finally {
  bucket.close();
  rmSync(root, { recursive: true, force: true });
}
