import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { docker } from "../support/docker.ts";
import { withoutClock } from "../support/docker-graph.ts";
import { BUCKET_ENV, createLab, GRAPH, HARDENED, IMAGE, REMOTE } from "../support/docker-lab.ts";
import { sampleGraphBytes } from "../support/sample-graph.ts";

const lab = createLab();
const folder = mkdtempSync(join(realpathSync(tmpdir()), "kgsync-docker-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const PATIENCE = { timeout: 60_000, interval: 50 };
/** Nothing but the start and the stop may push: what a kill leaves behind is only on the volume. */
const QUIET = { ...BUCKET_ENV, KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0", KGSYNC_LOG_FORMAT: "json" };

const FOLDERS = [
  { name: "with one state folder", one: {}, other: {} },
  {
    name: "with a state folder of each container's own",
    one: { KGSYNC_STATE_DIR: "/state/kgsync" },
    other: { KGSYNC_STATE_DIR: "/state/kgsync" },
  },
];

describe.concurrent.each(FOLDERS)("two containers on one volume, $name", ({ one, other }) => {
  const startTwo = async (seed: number) => {
    const { flags } = await lab.disks(sampleGraphBytes({ seed }));
    const own = ["--tmpfs", "/state:uid=65532,gid=65532"];
    const first = await lab.start({ flags: [...flags, ...own], env: { ...QUIET, ...one } });
    await first.line(/^ready /);
    const second = await lab.start({ flags: [...flags, ...own], env: { ...QUIET, ...other } });
    await second.line(/"event":"own\.waiting"/);
    return { first, second };
  };

  it("the second stands by, and after a SIGKILL takes over with the save that no push had seen", async () => {
    const { first, second } = await startTwo(11);
    await first.kill("USR1");
    await first.line(/^saved backup /);
    expect((await first.file(REMOTE))?.toString()).not.toMatch(/"sample1"/);
    expect(await second.log()).not.toMatch(/^ready /m);
    await first.kill("KILL");
    expect(await first.ended()).toBe(137);
    await second.line(/^ready /);
    await vi.waitFor(async () => expect((await second.file(REMOTE))?.toString()).toMatch(/"sample1"/), PATIENCE);
    expect((await second.file(GRAPH))?.toString()).toMatch(/"sample1"/);
    await second.stop(10);
    expect(await second.ended()).toBe(0);
    expect(withoutClock(await second.file(REMOTE))).toBe(withoutClock(await second.file(GRAPH)));
  });

  it("the second takes over from one that is stopped, and a third from a second that is", async () => {
    const { first, second } = await startTwo(12);
    await first.kill("USR1");
    await first.line(/^saved backup /);
    await first.stop(10);
    expect(await first.ended()).toBe(0);
    await second.line(/^ready /);
    await first.start();
    await vi.waitFor(
      async () => expect((await first.log()).match(/"event":"own\.waiting"/g)).toHaveLength(1),
      PATIENCE,
    );
    await second.kill("USR1");
    await second.line(/^saved backup /);
    await second.stop(10);
    expect(await second.ended()).toBe(0);
    await vi.waitFor(async () => expect((await first.log()).match(/^ready /gm)).toHaveLength(2), PATIENCE);
    await first.stop(10);
    expect(await first.ended()).toBe(0);
    for (const name of ["sample1", "sample2"]) expect((await first.file(REMOTE))?.toString()).toContain(`"${name}"`);
    expect(withoutClock(await first.file(REMOTE))).toBe(withoutClock(await first.file(GRAPH)));
  });
});

describe.concurrent("where a lock beside the graph is of no use, it is said, and the app runs all the same", () => {
  const ELSEWHERE = ["--tmpfs", "/state:uid=65532,gid=65532"];
  const env = { ...QUIET, KGSYNC_STATE_DIR: "/state/kgsync" };
  const graph = sampleGraphBytes({ seed: 13 });

  it("on a graph that is mounted as a single file", async () => {
    const bucket = await lab.volume({ "demo/knowledge_graph.json": graph });
    const file = join(folder, "graph.json");
    writeFileSync(file, "");
    chmodSync(file, 0o666); // the container's user is another one than ours
    const flags = ["--volume", `${file}:${GRAPH}`, "--volume", `${bucket}:/bucket`, "--cap-drop", "ALL", ...ELSEWHERE];
    const app = await lab.start({ flags, env, command: ["cat", GRAPH] });
    expect(await app.ended()).toBe(0);
    expect(await app.log()).toMatch(/"event":"own\.state-only".*mount of its own/);
    expect(readFileSync(file)).toEqual(Buffer.from(graph));
  });

  it("in a folder that cannot be written", async () => {
    const { bucket, state } = await lab.disks(graph);
    await lab.fill(state, { "knowledge_graph.json": graph });
    const root = ["--rm", "--user", "0", "--entrypoint", "chown", "--volume", `${state}:/v`];
    await docker("run", ...root, IMAGE, "0:0", "/v");
    const flags = [...HARDENED, "--volume", `${bucket}:/bucket`, "--volume", `${state}:/data/amadeus`, ...ELSEWHERE];
    const app = await lab.start({ flags, env, command: ["echo", "it runs"] });
    expect({ code: await app.ended(), log: await app.log() }).toMatchObject({ code: 0 });
    expect(await app.log()).toMatch(/"event":"own\.state-only".*cannot be written \(EACCES\)/);
  });
});
