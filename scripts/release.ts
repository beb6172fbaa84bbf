// Makes all that a release consists of, in a folder, and pushes nothing:
//   npm run release -- [--rehearse] [--out DIR] [--no-images] [--base IMAGE]
// The npm package, the bill of materials, the images (built from source; labels by the OCI image specification, annotations),
// the runtime folder of the target `dist` as an archive, and SHA256SUMS. Sizes are held to scripts/budget.json.
// --rehearse: for a commit that is no release yet: neither a tag nor a section in CHANGELOG.md is asked for, and images are
// built from the dist/ that is there.
import { execFileSync, spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeBom } from "./sbom.ts";

const root = join(import.meta.dirname, "..");

const { values: flags } = parseArgs({
  options: {
    rehearse: { type: "boolean", default: false },
    out: { type: "string", default: "release" },
    "no-images": { type: "boolean", default: false },
    base: { type: "string" },
  },
});

const fail = (message: string): never => {
  console.error(`release: ${message}`);
  process.exit(1);
};

const ask = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }).trim();

/** With its output shown. */
const must = (program: string, ...args: readonly string[]): void => {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (error !== undefined || status !== 0) fail(`failed: ${program} ${args.slice(0, 6).join(" ")}`);
};

const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const dirty = ask("git", "status", "--porcelain") !== "";
const revision = `${ask("git", "rev-parse", "HEAD")}${dirty ? "-dirty" : ""}`;
const created = ask("git", "log", "-1", "--format=%cI");

/** The text of a section of CHANGELOG.md, by the first word of its title. */
const notesOf = (title: string): string | undefined =>
  readFileSync(join(root, "CHANGELOG.md"), "utf8")
    .split(/^## /m)
    .slice(1)
    .find((section) => section.split(/\s/, 1)[0] === title)
    ?.replace(/^.*\n+/, "");

const checkCommit = (): void => {
  if (flags.rehearse) return;
  if (dirty) fail("the work tree has changes: commit or remove them");
  if (notesOf(version) === undefined)
    fail(`CHANGELOG.md has no section "## ${version} (date)": name "Unreleased" so, or use --rehearse`);
  if (!ask("git", "tag", "--points-at", "HEAD").split("\n").includes(`v${version}`))
    fail(`this commit has no tag v${version}: git tag -s v${version}, or use --rehearse`);
};

/** Archives of what is equal are equal: no owner, no times of this machine. */
const TAR = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", `--mtime=${created}`];

const makeImages = (out: string): void => {
  const args = [
    ...(flags.base === undefined ? [] : ["--build-arg", `BASE=${flags.base}`]),
    ...(flags.rehearse ? ["--build-arg", "DIST=prebuilt"] : []),
    ...["--build-arg", `VERSION=${version}`, "--build-arg", `REVISION=${revision}`],
    ...["--build-arg", `CREATED=${created}`],
  ];
  const targets = { runtime: "kgsync:release", inject: "kgsync:release-inject", dist: "kgsync:release-dist" };
  for (const [target, name] of Object.entries(targets))
    must("docker", "build", "--quiet", ...args, "--target", target, "--tag", name, ".");
  // An image without a command is given one to be made a container of, which is never started.
  const container = ask("docker", "create", targets.dist, "-");
  try {
    const folder = join(out, "kgsync");
    must("docker", "cp", "--quiet", `${container}:/opt/kgsync`, folder);
    const arch = ask("docker", "image", "inspect", "--format", "{{.Architecture}}", targets.dist);
    const archive = join(out, `kgsync-${version}-linux-${arch}.tar.gz`);
    must("tar", "-C", out, ...TAR, "-I", "gzip -9n", "-cf", archive, "kgsync");
    rmSync(folder, { recursive: true });
  } finally {
    ask("docker", "rm", container);
  }
};

checkCommit();
const out = resolve(root, flags.out);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
if (!flags.rehearse || !existsSync(join(root, "dist/kgsync.cjs"))) must("npm", "run", "-s", "build");
must("npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", out);
writeFileSync(join(out, `kgsync-${version}.cdx.json`), makeBom(revision, created));
writeFileSync(join(out, "NOTES.md"), notesOf(version) ?? notesOf("Unreleased") ?? "");
if (!flags["no-images"]) makeImages(out);
must(process.execPath, "scripts/budget.ts", ...(flags["no-images"] ? [] : ["--images"]));
const sums = readdirSync(out)
  .sort()
  .map((name) => `${hash("sha256", readFileSync(join(out, name)))}  ${name}\n`);
writeFileSync(join(out, "SHA256SUMS"), sums.join(""));
console.log(
  `\n${sums.join("")}\nkgsync ${version} (${revision.slice(0, 12)}) is in ${flags.out}/; nothing was pushed.`,
);
