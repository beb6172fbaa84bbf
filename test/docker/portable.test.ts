import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { docker, runClient } from "../support/docker.ts";
import { createLab, DIST_IMAGE, HARDENED, INJECT_IMAGE } from "../support/docker-lab.ts";
import { startTlsS3, type TlsS3 } from "../support/docker-s3-tls.ts";

const lab = createLab();

/** Images that know nothing of kgsync: scripts/portable-apps.sh. */
const BASES = ["musl", "scratch", "distroless", "debian"] as const;
type Base = (typeof BASES)[number];
const appImage = (base: Base): string => `kgsync-app-${base}`;

const SECRET = "a-key-that-nobody-may-see";
const INITIAL = '{"saved":"before"}';
const PREFIXES = [...BASES, "shared"];

/** The lines that docs/images.md has for every image. */
const LINES = readFileSync("docs/images.md", "utf8").match(/^(COPY --from=kgsync:dist|USER|WORKDIR|ENTRYPOINT) .*$/gm);

const withKgsync = async (base: Base): Promise<string> => {
  const dockerfile = [`FROM ${appImage(base)}`, ...(LINES ?? []), 'CMD ["/app", "a word", "$HOME"]'].join("\n");
  const input = Buffer.from(dockerfile.replaceAll("--from=kgsync:dist", `--from=${DIST_IMAGE}`));
  const image = `kgsync-on-${base}:test`;
  expect(await runClient("docker", ["build", "--quiet", "--tag", image, "-"], { input })).toMatchObject({ code: 0 });
  return image;
};

let s3: TlsS3;
beforeAll(async () => {
  const finished: (() => Promise<void> | void)[] = [];
  s3 = await startTlsS3(lab, (work) => void finished.push(work), PREFIXES, INITIAL);
  for (const work of finished) await work();
});

const settings = (prefix: string) => ({
  KGSYNC_BUCKET: `s3://bucket/${prefix}`,
  KGSYNC_CHILD_ENV: "clean",
  AWS_ENDPOINT_URL_S3: s3.endpoint,
  AWS_CA_BUNDLE: "/authority/ca.pem",
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: SECRET,
});
/** The state's disk belongs to the user, as everywhere; there is no other place to write to. */
const ground = () => [
  ...HARDENED,
  ...["--network", s3.network, "--volume", `${s3.authority}:/authority:ro`],
  ...["--tmpfs", "/data/amadeus:uid=65532,gid=65532"],
];

describe.each(BASES)("kgsync's folder copied into an image: %s", (base) => {
  it("brings the graph by TLS and by name, passes signals on, saves the last save, and ends with the app's code", async () => {
    const app = await lab.start({ image: await withKgsync(base), flags: ground(), env: settings(base) });
    await app.line(/^ready$/);
    await s3.server.line(new RegExp(`^stored ${base}/\\S+ \\{"saved":"first"\\}$`));
    for (const [name, number] of [
      ["HUP", 1],
      ["USR1", 10],
      ["WINCH", 28],
    ] as const) {
      await app.kill(name);
      await app.line(new RegExp(`^got ${number}$`));
    }
    // Docker's own health check, without a shell in the image.
    expect(await runClient("docker", ["exec", app.id, "/opt/kgsync/kgsync", "health"])).toMatchObject({ code: 0 });
    await app.stop(20);
    expect(await app.ended()).toBe(7);
    await s3.server.line(new RegExp(`^stored ${base}/\\S+ \\{"saved":"last"\\}$`));

    const log = await app.log();
    const seen = (pattern: RegExp) => log.match(pattern) ?? [];
    expect(seen(/^found .*$/gm)).toEqual([`found ${INITIAL}`]);
    expect(seen(/^word .*$/gm)).toEqual(["word a word", "word $HOME"]);
    expect(seen(/^user .*$/gm)).toEqual(["user 65532, root read-only"]);
    expect(seen(/^looked at 1$/gm)).toHaveLength(1);
    expect(seen(/^can read .*$/gm)).toEqual([]);
    expect(log).not.toContain(SECRET);
    // Nothing of how kgsync was started: no loader's, no Node's, none of its own.
    const given = Object.keys(settings(base)).filter((name) => /^AWS_(?!ACCESS|SECRET)/.test(name));
    const names = ["HOME", "HOSTNAME", "PATH", "PWD", ...given];
    expect(seen(/^env [^=]*/gm).sort()).toEqual(names.map((name) => `env ${name}`).sort());
  });
});

describe("the folder", () => {
  it("has no use for libraries that the app's image puts in the way, and the app keeps its settings", async () => {
    const image = await withKgsync("musl");
    const env = { ...settings("shared"), KGSYNC_CHILD_ENV: "inherit", LD_LIBRARY_PATH: "/opt/broken" };
    const app = await lab.start({ image, flags: ground(), env });
    await app.line(/^env LD_LIBRARY_PATH=\/opt\/broken$/);
    await app.line(/^ready$/);
    await app.stop(20);
    expect(await app.ended()).toBe(7);
  });

  it("has its own tini for a terminal too, where the app leads the foreground group", async () => {
    const flags = [...ground(), "--tty", "--interactive"];
    const app = await lab.start({ image: await withKgsync("scratch"), flags, env: settings("shared") });
    await app.line(/^ready\s*$/);
    const names = (await docker("top", app.id, "-o", "pid,comm"))
      .split("\n")
      .map((line) => line.trim().split(/\s+/)[1]);
    expect(names.filter((name) => name === "tini")).toHaveLength(2);
    expect(names).toContain("app");
    await app.stop(20);
    expect(await app.ended()).toBe(7);
  });

  it("starts from its compile cache, and is not the app's to change", async () => {
    const image = await withKgsync("debian");
    const env = { ...settings("shared"), NODE_DEBUG: "kgsync" };
    const app = await lab.start({ image, flags: ground(), env, command: ["find", "/opt/kgsync", "-writable"] });
    expect(await app.ended()).toBe(0);
    expect(await app.log()).toMatch(/code cache \/opt\/kgsync\/compile-cache\/run-s3\S+: used/);
    expect(await app.log()).not.toMatch(/^\/opt/m);
  });

  it("tells what is wrong where there is no certificate authority for the server, no name, and no settings", async () => {
    const run = (env: Readonly<Record<string, string>>) =>
      runClient("docker", [
        ...[
          "run",
          "--rm",
          ...ground(),
          ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
        ],
        ...[appOn("scratch"), "/app"],
      ]);
    const { AWS_CA_BUNDLE: _, ...without } = settings("shared");
    const quick = { KGSYNC_START_TIMEOUT: "2s" };
    await withKgsync("scratch");
    expect(await run({ ...without, ...quick })).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/AWS_CA_BUNDLE/),
    });
    const nowhere = { ...settings("shared"), ...quick, AWS_ENDPOINT_URL_S3: "https://nobody.private.test" };
    expect(await run(nowhere)).toMatchObject({ code: 69, stderr: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
    expect(await run({ KGSYNC_BUKET: "x" })).toMatchObject({ code: 78 });
  });

  it("is installed into a volume by an init container, at any path, and runs an app of a musl image as PID 1", async () => {
    const volume = await lab.volume();
    const mount = (how: string) => ["--volume", `${volume}:/shared/kgsync-1.0${how}`];
    const init = ["run", "--rm", ...HARDENED, "--user", "65532:65532", ...mount(""), INJECT_IMAGE];
    const shown = JSON.parse(await docker(...withoutEntry(init), "install", "--json", "/shared/kgsync-1.0"));
    expect(shown).toMatchObject({
      outcome: "installed",
      needs: { libraries: [] },
      command: ["/shared/kgsync-1.0/kgsync/kgsync", "run", "--"],
      health: ["/shared/kgsync-1.0/kgsync/kgsync", "health"],
    });
    expect(await docker(...withoutEntry(init), "install", "/shared/kgsync-1.0")).toMatch(/^already there: /);
    const [entry = "", ...words]: readonly string[] = shown.command;
    const app = await lab.start({
      image: appImage("musl"),
      flags: [...ground(), ...mount(":ro"), "--user", "65532:65532", "--workdir", "/data", "--entrypoint", entry],
      env: settings("shared"),
      command: [...words, "/app"],
    });
    await app.line(/^ready$/);
    await app.stop(20);
    expect(await app.ended()).toBe(7);
    expect((await app.log()).match(/^can read .*$/gm) ?? []).toEqual([]);
  });
});

const appOn = (base: Base): string => `kgsync-on-${base}:test`;
const withoutEntry = (run: readonly string[]) => [...run.slice(0, -1), "--entrypoint", "kgsync", ...run.slice(-1)];
