import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { docker, runClient } from "../support/docker.ts";
import { BUCKET_ENV, createLab, DIST_IMAGE, HARDENED, IMAGE, INJECT_IMAGE } from "../support/docker-lab.ts";

const lab = createLab();
const BASE = process.env["KGSYNC_BASE_IMAGE"] ?? "node:24-bookworm-slim";

const SECRET = "a-key-that-nobody-may-see";
const SECRETS = { ...BUCKET_ENV, AWS_SECRET_ACCESS_KEY: SECRET, KGSYNC_CHILD_ENV: "clean" };

/** A program of the app's user that looks at every process but itself, thread by thread, and names what it can read. */
const LOOK = `for of in /proc/[0-9]* /proc/[0-9]*/task/[0-9]*; do
  pid=\${of#/proc/}; pid=\${pid%%/*}
  [ "$pid" = $$ ] && continue
  for name in environ maps mem auxv; do
    (: <"$of/$name") 2>/dev/null && echo "can read $name of $(cat "$of/comm")"
  done
  for name in fd cwd exe; do
    ls "$of/$name/" >/dev/null 2>&1 && echo "can follow $name of $(cat "$of/comm")"
  done
done`;

/** The same, fast enough to catch a process that lives for a few milliseconds: it starts none. */
const WATCH = `trap 'echo looked; exit 0' TERM
echo up
while :; do
  for of in /proc/[0-9]*; do
    line=
    { read -r line <"$of/environ"; } 2>/dev/null
    case $line in *${SECRET}*) read -r name <"$of/comm"; echo "SECRET in $name" ;; esac
  done
done`;

describe("an app with KGSYNC_CHILD_ENV=clean, of kgsync's own user", () => {
  it("can read neither environment nor memory of PID 1 and of kgsync", async () => {
    const { flags } = await lab.disks();
    const script = `${LOOK}\ncat /proc/[0-9]*/comm; env; echo looked`;
    const app = await lab.start({ image: IMAGE, flags, env: SECRETS, command: ["sh", "-c", script] });
    await app.line(/^looked$/);
    const log = await app.log();
    expect(log.match(/^can .*$/gm) ?? []).toEqual([]);
    for (const name of [/^tini$/m, /^MainThread$/m]) expect(log).toMatch(name); // they were there to be looked at
    expect(log).not.toContain(SECRET);
    expect(await app.ended()).toBe(0);
  });

  it("sees nothing of health checks and other commands either, from their first moment", async () => {
    const { flags } = await lab.disks();
    const app = await lab.start({ image: IMAGE, flags, env: SECRETS, command: ["sh", "-c", WATCH] });
    await app.line(/^up$/);
    for (let time = 0; time < 5; time += 1) await runClient("docker", ["exec", app.id, "kgsync", "health"]);
    await app.stop(20);
    const log = await app.log();
    expect(log).toMatch(/^looked$/m);
    expect(log.match(/^SECRET.*$/gm) ?? []).toEqual([]);
  });

  it("opens no debugger by USR1 in a health check that has not begun to listen for signals", async () => {
    // What is started is shown, not run: the moment in question is a few milliseconds long.
    const script =
      "sed 's/^exec /echo /' /usr/local/bin/kgsync >/tmp/show; sh /tmp/show health; sh /tmp/show exec -- x";
    const shown = await docker("run", "--rm", "--entrypoint", "sh", IMAGE, "-c", script);
    expect(shown.split("\n")).toEqual([
      "/usr/local/bin/node --disable-sigusr1 /opt/kgsync/kgsync.cjs health",
      "/usr/bin/tini -s -- /usr/local/bin/node /opt/kgsync/kgsync.cjs exec -- x",
    ]);
  });
});

describe("the execute-only image", () => {
  it("says so in `kgsync doctor`, and the readable one says what can be read", async () => {
    const saw = async (image: string): Promise<unknown> => {
      const args = ["run", "--rm", ...HARDENED, "--env", "KGSYNC_BUCKET=s3://nobody/listens"];
      const more = ["--env", "KGSYNC_CHILD_ENV=clean", "--env", `AWS_SECRET_ACCESS_KEY=${SECRET}`];
      const s3 = ["--env", "AWS_ENDPOINT_URL_S3=http://127.0.0.1:9", "--env", "AWS_REGION=us-east-1"];
      const command = ["--entrypoint", "kgsync", image, "doctor", "--json"];
      const { stdout } = await runClient("docker", [...args, ...more, ...s3, ...command]);
      const { findings }: { readonly findings: readonly Readonly<Record<string, string>>[] } = JSON.parse(
        stdout.toString(),
      );
      return findings.find(({ check }) => check === "credentials.child");
    };
    expect(await saw(IMAGE)).toMatchObject({ status: "ok", saw: expect.stringContaining("no program of this user") });
    expect(await saw(INJECT_IMAGE)).toMatchObject({
      status: "warning",
      saw: expect.stringContaining("/proc/1/environ"),
    });
  });

  it("names the other image when it is to be installed from", async () => {
    const args = ["run", "--rm", ...HARDENED, "--tmpfs", "/kgsync:mode=1777", "--entrypoint", "kgsync", IMAGE];
    const { code, stderr } = await runClient("docker", [...args, "install", "/kgsync"]);
    expect({ code, stderr }).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/--target inject.*execute-only/),
    });
  });

  it("stays so in an image that takes kgsync's folder over, as README has it", async () => {
    const lines = readFileSync("README.md", "utf8").match(/^(COPY --from=kgsync:dist|ENTRYPOINT) .*$/gm) ?? [];
    expect(lines).toHaveLength(2);
    const dockerfile = [`FROM ${BASE}`, ...lines, "USER 65532:65532", "WORKDIR /tmp"].join("\n");
    const input = Buffer.from(dockerfile.replaceAll("--from=kgsync:dist ", `--from=${DIST_IMAGE} `));
    const built = await runClient("docker", ["build", "--quiet", "-"], { input });
    expect(built).toMatchObject({ code: 0 });
    const image = built.stdout.toString().trim();
    const command = ["sh", "-c", `${LOOK}\ncat /proc/[0-9]*/comm`];
    const env = { ...SECRETS, KGSYNC_BUCKET: "file:///tmp/bucket" };
    const app = await lab.start({ image, flags: ["--cap-drop", "ALL"], env, command });
    expect(await app.ended()).toBe(0);
    const log = await app.log();
    expect(log).toMatch(/^tini$/m);
    expect(log.match(/^can .*$/gm) ?? []).toEqual([]);
  });
});
