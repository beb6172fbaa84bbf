import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { docker } from "../support/docker.ts";
import { withoutClock } from "../support/docker-graph.ts";
import { BUCKET_ENV, createLab, GRAPH, HARDENED, IMAGE, REMOTE } from "../support/docker-lab.ts";
import { sampleGraphBytes } from "../support/sample-graph.ts";

const lab = createLab();
const folder = mkdtempSync(join(realpathSync(tmpdir()), "kgsync-docker-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.concurrent("where little is allowed", () => {
  it("runs as nobody in particular: no root, no capability, no new privileges, a root that it cannot write", async () => {
    const { flags } = await lab.disks(sampleGraphBytes());
    const script = `grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs):' /proc/self/status | tr '\\t' ' '
      touch /data/x /tmp/x 2>/dev/null || echo read-only; printf '{"ok":true}' >amadeus/knowledge_graph.json`;
    const app = await lab.start({
      flags,
      env: { ...BUCKET_ENV, KGSYNC_ALLOW_SHRINK: "true" },
      command: ["sh", "-c", script],
    });
    expect(await app.ended()).toBe(0);
    const nobody = "65532 65532 65532 65532";
    const none = "0000000000000000";
    const seen = (await app.log()).split("\n").filter((line) => /^(Uid|Cap|NoNew|read-only)/.test(line));
    expect(seen).toEqual([`Uid: ${nobody}`, `CapEff: ${none}`, `CapBnd: ${none}`, "NoNewPrivs: 1", "read-only"]);
    expect((await app.file(REMOTE))?.toString()).toBe('{"ok":true}');
  });

  it("runs under a user that the image does not know, as a pod's runAsUser may say", async () => {
    const script = `printf '{"uid":%s}' "$(id -u)" >amadeus/knowledge_graph.json`;
    const flags = [
      "--user",
      "12345:0",
      "--tmpfs",
      "/data/amadeus:uid=12345",
      "--tmpfs",
      "/bucket:uid=12345",
      ...HARDENED,
    ];
    const app = await lab.start({ flags, env: BUCKET_ENV, command: ["sh", "-c", `${script}; exit 0`] });
    expect({ code: await app.ended(), log: await app.log() }).toMatchObject({ code: 0 });
  });

  it("writes into a graph that is mounted as a single file, keeps the file, and says what to do instead", async () => {
    const graph = sampleGraphBytes({ seed: 3 });
    const bucket = await lab.volume({ "demo/knowledge_graph.json": graph });
    const file = join(folder, "graph.json");
    writeFileSync(file, "");
    chmodSync(file, 0o666); // the container's user is another one than ours
    const before = statSync(file);
    // As the real app's own compose file does it: a rename over this file fails with EBUSY.
    const flags = ["--volume", `${file}:${GRAPH}`, "--volume", `${bucket}:/bucket`, "--cap-drop", "ALL"];
    const app = await lab.start({ flags, env: BUCKET_ENV });
    await app.line(/^saved start version=1\.0\.21 /);
    await app.kill("USR1");
    await app.line(/^saved backup /);
    await app.stop(10);
    expect(await app.ended()).toBe(0);
    expect(await app.log()).toMatch(/"level":"?warn.*mount/i);
    const last = readFileSync(file);
    expect(last.toString()).toMatch(/"sample1"/);
    expect(withoutClock(await app.file(REMOTE))).toBe(withoutClock(last));
    const after = statSync(file);
    expect({ ino: after.ino, mode: after.mode }).toEqual({ ino: before.ino, mode: before.mode });
  });

  it("leaves the old graph whole on a disk that is full, says so, ends with 74 and starts nothing", async () => {
    const small = sampleGraphBytes({ seed: 4, bytes: 20_000 });
    const bucket = await lab.volume({ "demo/knowledge_graph.json": small });
    const options = "o=size=192k,uid=65532,gid=65532,mode=0755";
    const tiny = await docker(
      ...["volume", "create", "--label", lab.label, "--driver", "local"],
      ...["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", options],
    );
    const flags = [...HARDENED, "--volume", `${bucket}:/bucket`, "--volume", `${tiny}:/data/amadeus`];
    // A tmpfs volume lives as long as something has it mounted.
    await lab.start({ image: IMAGE, flags: [...flags, "--entrypoint", "sleep"], command: ["infinity"] });
    const first = await lab.start({ flags, env: BUCKET_ENV, command: ["cat", "amadeus/knowledge_graph.json"] });
    expect(await first.ended()).toBe(0);

    await lab.fill(bucket, { "demo/knowledge_graph.json": sampleGraphBytes({ seed: 4, bytes: 400_000 }) });
    const app = await lab.start({ flags, env: BUCKET_ENV, command: ["echo", "the app is started"] });
    expect({ code: await app.ended(), log: await app.log() }).toEqual({
      code: 74,
      log: expect.stringMatching(/ENOSPC|no space left/i),
    });
    expect(await app.log()).not.toMatch(/^the app is started$/m);
    expect(await app.log()).toMatch(/knowledge_graph\.json|\/data\/amadeus/);
    const show = ["--entrypoint", "cat", IMAGE, GRAPH];
    expect(await docker("run", "--rm", ...flags, ...show)).toBe(Buffer.from(small).toString());
  });
});
