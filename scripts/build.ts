// Builds dist/: kgsync.cjs (the boot file, the program's `bin`), main.cjs (everything else), and merge-worker.cjs and
// scan-worker.cjs (what the program runs in threads).
import { hash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const readVersion = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null || !("version" in manifest)) throw new Error("no version");
  return String(manifest.version);
};

const shared = (): BuildOptions => ({
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node22.15",
  mainFields: ["module", "main"], // the SDK's ES modules are the ones that can be trimmed
  minifySyntax: true,
  minifyWhitespace: true, // not identifiers: names in a stack trace are worth more than the bytes
  sourcemap: "external",
  legalComments: "external",
  logLevel: "warning",
});

/**
 * Node's own modules by `require`, also where a dependency says `import()`. An ES import makes a facade that evaluates every
 * export, and behind lazy ones of node:http lies undici: 45 ms of CPU for nothing (27 ms is all that Node itself takes to start).
 */
const builtinsByRequire: Plugin = {
  name: "builtins-by-require",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(?:node:)?[a-z_/]+$/ }, ({ path, kind }) =>
      isBuiltin(path) && kind === "dynamic-import" ? { path, namespace: "builtin" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};

/**
 * Builds into the empty folder `outdir` (made anew) four CommonJS files: the boot file, which must run before anything is
 * loaded; the program, in which what stands behind an `import()` is evaluated when it is asked for; and the scripts of its
 * threads for large merges and large graphs. The program is one file, since only a script can be run from code that was compiled after it had
 * run (src/adapters/code-cache.ts), and since a start on S3 would load forty chunks, each resolved, looked at and linked.
 */
export const buildBundle = async (
  outdir = join(root, "dist"),
  main = join(root, "src/main.ts"),
  boot = join(root, "src/boot.ts"),
): Promise<void> => {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const bin = join(outdir, "kgsync.cjs");
  const program = join(outdir, "main.cjs");
  await build({
    ...shared(),
    entryPoints: [main],
    outfile: program,
    format: "cjs",
    charset: "ascii", // as it is read
    plugins: [builtinsByRequire],
    // the folder in which the program finds the thread's script
    define: { KGSYNC_VERSION: JSON.stringify(readVersion()), "import.meta.dirname": "__dirname" },
  });
  for (const thread of ["merge-worker/merge-worker", "large-files/scan-worker"])
    await build({
      ...shared(),
      entryPoints: [join(root, `src/adapters/${thread}.ts`)],
      outfile: join(outdir, `${basename(thread)}.cjs`),
      format: "cjs",
    });
  const id = hash("sha256", readFileSync(program)).slice(0, 16);
  const define = { KGSYNC_PROGRAM_ID: JSON.stringify(id) };
  await build({ ...shared(), entryPoints: [boot], outfile: bin, format: "cjs", define });
  chmodSync(bin, 0o755);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildBundle();
