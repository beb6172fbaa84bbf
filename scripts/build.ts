// Builds dist/: kgsync.cjs (the boot file, the program's `bin`), main.cjs (everything else), merge-worker.cjs and
// scan-worker.cjs (what the program runs in threads), health.cjs (the health check), and a file for each driver: a bucket's
// client that only its own kind of bucket needs.
import { hash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
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

const LATE = ["Agent", "get", "globalAgent", "request"];

/**
 * What is behind `node:https` takes half as long to load as Node to start, and a library asks for it also where nothing is
 * sent over TLS: here it is loaded by whoever uses it.
 */
const lateHttps: Plugin = {
  name: "late-https",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(?:node:)?https$/ }, ({ namespace }) =>
      namespace === "late" ? undefined : { path: "node:https", namespace: "late" },
    );
    onLoad({ filter: /.*/, namespace: "late" }, () => ({
      contents: `module.exports = {${LATE.map((name) => `get ${name}() { return require("node:https").${name}; }`).join()}};`,
      loader: "js",
    }));
  },
};

/**
 * What lies in a file of its own beside main.cjs, `<name>.cjs`, so that nobody else loads, or even reads, it. The source is
 * imported as any other, by `import()`, and exports nothing but functions. In this order: the first may import those behind it.
 */
const DRIVERS: readonly { readonly name: string; readonly entry: string }[] = [
  { name: "az-object-store", entry: "src/adapters/az-object-store/create-az-object-store.ts" },
  { name: "az-identity", entry: "src/adapters/az-object-store/az-identity.ts" },
  { name: "gs-object-store", entry: "src/adapters/gs-object-store/create-gs-object-store.ts" },
  { name: "gs-credentials", entry: "src/adapters/gs-object-store/open-credentials.ts" },
  { name: "git-object-store", entry: "src/adapters/git-object-store/create-git-object-store.ts" },
];

/** `import()` of a driver's entry becomes a call of its loader, with the digest that its compiled code goes by. */
const driversByName = (ids: ReadonlyMap<string, string>): Plugin => ({
  name: "drivers-by-name",
  setup: ({ onResolve, onLoad }) => {
    const names = new Map(DRIVERS.map(({ name, entry }) => [join(root, entry), name]));
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, kind, resolveDir }) => {
      const name = kind === "dynamic-import" ? names.get(join(resolveDir, path)) : undefined;
      return name === undefined ? undefined : { path: name, namespace: "driver" };
    });
    onLoad({ filter: /.*/, namespace: "driver" }, ({ path: name }) => {
      const loader = JSON.stringify(join(root, "src/adapters/load-driver.ts"));
      const [file, id] = [`${name}.cjs`, ids.get(name) ?? ""].map((text) => JSON.stringify(text));
      return {
        contents: `module.exports = require(${loader}).loadDriver(__dirname, ${file}, ${id});`,
        loader: "js",
        resolveDir: root,
      };
    });
  },
});

/** `instanceof KgsyncError` must hold across files: a driver gets the program's own class (src/adapters/load-driver.ts). */
const errorsFromProgram: Plugin = {
  name: "errors-from-program",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/core\/errors\.ts$|^\.\/errors\.ts$/ }, ({ path, resolveDir }) =>
      join(resolveDir, path) === join(root, "src/core/errors.ts")
        ? { path: "kgsync:errors", external: true }
        : undefined,
    );
  },
};

const idOf = (file: string): string => hash("sha256", readFileSync(file)).slice(0, 16);

/** Answers the digest of each. */
const buildDrivers = async (outdir: string): Promise<ReadonlyMap<string, string>> => {
  const ids = new Map<string, string>();
  for (const { name, entry } of DRIVERS.toReversed()) {
    const outfile = join(outdir, `${name}.cjs`);
    await build({
      ...shared(),
      entryPoints: [join(root, entry)],
      outfile,
      format: "cjs",
      charset: "ascii", // as it is read
      plugins: [driversByName(ids), errorsFromProgram, builtinsByRequire],
    });
    ids.set(name, idOf(outfile));
  }
  return ids;
};

/**
 * Builds into the empty folder `outdir` (made anew) CommonJS files: the boot file, which must run before anything is
 * loaded; the program, in which what stands behind an `import()` is evaluated when it is asked for; the script of its
 * threads for large merges and large graphs; the health check; and the drivers. The program is one file, since only a script can
 * be run from code that was compiled after it had run (src/adapters/code-cache.ts), and since a start on S3 would load forty chunks, each resolved, looked at and linked.
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
    plugins: [driversByName(await buildDrivers(outdir)), lateHttps, builtinsByRequire],
    // the folder in which the program finds the thread's script
    define: { KGSYNC_VERSION: JSON.stringify(readVersion()), "import.meta.dirname": "__dirname" },
  });
  const scripts = {
    "merge-worker": "adapters/merge-worker/merge-worker.ts",
    "scan-worker": "adapters/large-files/scan-worker.ts",
    health: "commands/health-soon.ts",
  };
  for (const [name, entry] of Object.entries(scripts))
    await build({
      ...shared(),
      entryPoints: [join(root, "src", entry)],
      outfile: join(outdir, `${name}.cjs`),
      format: "cjs",
    });
  const define = { KGSYNC_PROGRAM_ID: JSON.stringify(idOf(program)) };
  await build({ ...shared(), entryPoints: [boot], outfile: bin, format: "cjs", define });
  chmodSync(bin, 0o755);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildBundle();
