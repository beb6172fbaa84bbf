import { describe, expect, it } from "vitest";
import { docker, runClient } from "../support/docker.ts";
import { createLab, HARDENED, IMAGE, INJECT_IMAGE } from "../support/docker-lab.ts";

const lab = createLab();

/** An image that knows nothing of kgsync: scripts/test-docker.sh names it. Its own tini is covered, as most have none. */
const APP_IMAGE = process.env["KGSYNC_BASE_IMAGE"] ?? "node:24-bookworm-slim";
const NO_TINI = ["--volume", "/dev/null:/usr/bin/tini:ro", "--volume", "/dev/null:/usr/bin/tini-static:ro"];

const SCRIPT = `mkdir -p amadeus && printf '{"injected":true}' >amadeus/knowledge_graph.json
echo "init $(cat /proc/1/comm)"
trap 'echo got TERM; exit 3' TERM
echo ready
while :; do sleep 0.1; done`;

describe("injection by an init container", () => {
  it("runs an app of another image as PID 1, with tini, non-root, from a read-only mount, and ends it well", async () => {
    const [shared, bucket] = await Promise.all([lab.volume(), lab.volume()]);
    const init = ["run", "--rm", ...HARDENED, "--volume", `${shared}:/kgsync`, "--entrypoint", "kgsync", INJECT_IMAGE];
    const first = await runClient("docker", [...init, "install", "--json", "/kgsync"]);
    expect(first).toMatchObject({ code: 0 });
    const { command, tini } = JSON.parse(first.stdout.toString());
    expect([command.at(0), tini]).toEqual(["/kgsync/kgsync/kgsync", true]);
    expect(await docker(...init, "install", "/kgsync")).toMatch(/^already there: /);

    const mounts = ["--volume", `${shared}:/kgsync:ro`, "--volume", `${bucket}:/bucket`];
    const [entry = "", ...words]: readonly string[] = command;
    const app = await lab.start({
      image: APP_IMAGE,
      flags: [
        ...HARDENED,
        ...NO_TINI,
        ...mounts,
        "--user",
        "65532:65532",
        "--tmpfs",
        "/work:uid=65532,gid=65532",
        "--workdir",
        "/work",
        "--entrypoint",
        entry,
      ],
      env: { KGSYNC_BUCKET: "file:///bucket/demo" },
      command: [...words, "sh", "-c", SCRIPT],
    });
    await app.line(/^ready$/);
    expect(await app.log()).toMatch(/^init tini$/m);
    await app.stop(10);
    expect(await app.ended()).toBe(3);
    expect(await app.log()).toMatch(/^got TERM$/m);
    expect((await app.file("/bucket/demo/knowledge_graph.json"))?.toString()).toBe('{"injected":true}');
  });

  it("`kgsync doctor` in a container sees the single-file mount and who is PID 1", async () => {
    const { flags } = await lab.disks();
    const over = ["--volume", "/etc/hostname:/data/amadeus/knowledge_graph.json"];
    const args = ["run", "--rm", ...flags, ...over, "--env", "KGSYNC_BUCKET=file:///bucket/demo"];
    const { stdout } = await runClient("docker", [...args, "--entrypoint", "kgsync", IMAGE, "doctor", "--json"]);
    const { findings }: { readonly findings: readonly Readonly<Record<string, string>>[] } = JSON.parse(
      stdout.toString(),
    );
    const find = (check: string) => findings.find((finding) => finding["check"] === check);
    expect(find("disk.graph")?.["saw"]).toMatch(/single file|cannot be written/);
    expect(find("init")?.["saw"]).toContain("tini is /usr/bin/tini");
    expect(find("grace")).toMatchObject({ status: "ok", saw: expect.stringContaining("docker stop") });
  });
});
