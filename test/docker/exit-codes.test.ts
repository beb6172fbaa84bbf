import { describe, expect, it } from "vitest";
import { signalName } from "../../src/core/signals.ts";
import { createLab } from "../support/docker-lab.ts";

const lab = createLab();
// A bucket and a graph in the container's own layer: nothing here outlives it, so no volumes are made.
const env = { KGSYNC_BUCKET: "file:///data/bucket" };

/** What the program saved just before it ended, and where that has to be by then. */
const endedBy = async (ending: string): Promise<{ code: number; bucket: string | undefined }> => {
  const script = `printf '{"ended":"by %s"}' '${ending}' >amadeus/knowledge_graph.json; ${ending}`;
  const app = await lab.start({ flags: [], env, command: ["sh", "-c", script] });
  const code = await app.ended();
  return { code, bucket: (await app.file("/data/bucket/knowledge_graph.json"))?.toString() };
};

describe.concurrent("the container's exit code is the app's, and its last save is in the bucket", () => {
  it.each([0, 1, 2, 3, 42, 64, 65, 69, 70, 74, 75, 77, 78, 126, 127, 143, 255])("exit %i", async (code) => {
    expect(await endedBy(`exit ${code}`)).toEqual({ code, bucket: `{"ended":"by exit ${code}"}` });
  });

  // All whose default is to end the process (signal(7)); the real-time ones are in docs/signals.md.
  it.each(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31].map(
      (signal) => [signalName(signal), signal] as const,
    ),
  )("%s: 128 + %i", async (_, signal) => {
    const ending = `ulimit -c 0; kill -${signal} $$`;
    expect(await endedBy(ending)).toEqual({ code: 128 + signal, bucket: `{"ended":"by ${ending}"}` });
  });

  it.each([
    ["/no/such/program", 127],
    ["/etc/passwd", 126],
  ])("%s as the app: %i", async (program, code) => {
    const app = await lab.start({ flags: [], env, command: [program] });
    expect({ code: await app.ended(), log: await app.log() }).toEqual({ code, log: expect.stringContaining(program) });
  });
});
