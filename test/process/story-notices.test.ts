import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;

/** A listener that keeps what it was sent, and answers as it is told, or never. */
const listener = async (status: number | "never" = 200) => {
  const got: { readonly method: string; readonly path: string; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      got.push({ method: request.method ?? "", path: request.url ?? "", body });
      if (status !== "never") response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { got, url: (path: string) => `http://127.0.0.1:${port}/${path}` };
};

/** A hook that notes what it was told, one line each. */
const noting = (place: Place, name: string): { readonly command: string; readonly told: () => readonly string[] } => {
  const file = join(place.root, name);
  // in one write: a line is there whole or not at all
  const script = `json=$(cat); printf '%s %s\\n' "$HOOK_EVENT" "$json" >>"$0"; echo to-out; echo to-err >&2`;
  return {
    command: JSON.stringify(["/bin/sh", "-c", script, file]),
    told: () => (place.textAt(file) ?? "").split("\n").filter((line) => line !== ""),
  };
};

const stop = async (run: ReturnType<Place["run"]>, code = 143): Promise<void> => {
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code, signal: null });
};

test("hooks are told what happens, and their output is in the log and not in the app's", async () => {
  const place = createStoryPlace(bin);
  const pulled = noting(place, "pulled");
  const pushing = noting(place, "pushing");
  const run = place.run(
    { save: graphOf("one") },
    { KGSYNC_HOOK_AFTER_PULL: pulled.command, KGSYNC_HOOK_BEFORE_PUSH: pushing.command },
  );
  await run.waitForEvent("push.stored");
  await expect.poll(pulled.told, { timeout: 30_000 }).toHaveLength(1);
  expect(pulled.told()[0]).toMatch(/^pulled \{"event":"pulled","at":"20/);
  const [first = ""] = pushing.told();
  expect(JSON.parse(first.replace(/^pushing /, ""))).toMatchObject({
    event: "pushing",
    graph: place.graph,
    details: { bytes: graphOf("one").length, final: false },
  });
  expect(await run.waitForEvent("hook.said")).toMatchObject({ words: expect.stringContaining("to-err") });
  // A change of the clock field alone is no push.
  run.say(JSON.stringify({ save: graphOf("one").replace("00:40:18", "00:40:19") }));
  await run.waitForLine(/did save/);
  await stop(run);
  expect(pushing.told()).toHaveLength(1);
  expect(run.out()).not.toContain("to-");
});

test("a hook that fails, or is not there, is told, and everything goes on", async () => {
  const place = createStoryPlace(bin);
  const run = place.run(
    { save: graphOf("one") },
    { KGSYNC_HOOK_AFTER_PULL: "/nowhere/at-all", KGSYNC_HOOK_BEFORE_PUSH: "/bin/sh -c false" },
  );
  await run.waitForEvent("push.stored");
  const failed = () => run.logs().filter(({ event }) => event === "notice.failed");
  await expect.poll(() => failed().length, { timeout: 30_000 }).toBe(2);
  expect(
    failed()
      .map(({ what, why }) => `${what}: ${why}`)
      .sort(),
  ).toEqual(["KGSYNC_HOOK_AFTER_PULL: it cannot be run: ENOENT", "KGSYNC_HOOK_BEFORE_PUSH: it ended with 1"]);
  await stop(run);
  expect(place.remote()).toBe(graphOf("one"));
});

test("a hook that hangs, with children, costs neither the last push nor the grace, and is gone afterwards", async () => {
  const place = createStoryPlace(bin);
  const pids = join(place.root, "pids");
  const hang = JSON.stringify(["/bin/sh", "-c", 'echo $$ >>"$0"; sleep 600 & echo $! >>"$0"; wait', pids]);
  const run = place.run(
    { onTerm: { save: graphOf("last"), exit: 0 } },
    { KGSYNC_HOOK_AFTER_PULL: hang, KGSYNC_HOOK_BEFORE_PUSH: hang, KGSYNC_HOOK_TIMEOUT: "1h", KGSYNC_GRACE: "5s" },
  );
  await run.waitForLine(/app: ready/);
  await stop(run, 0);
  expect(place.remote()).toBe(graphOf("last"));
  expect(run.logs().at(-1)).toMatchObject({ event: "end", data: "safe" });
  const started = (place.textAt(pids) ?? "").trim().split("\n").map(Number);
  expect(started.length).toBeGreaterThanOrEqual(2);
  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return !(place.textAt(`/proc/${pid}/stat`) ?? "Z").includes(") Z");
    } catch {
      return false;
    }
  };
  await expect.poll(() => started.filter(alive), { timeout: 30_000 }).toEqual([]);
});

test("the heartbeat after a success, a conflict in the webhook; the URL is in no line", async () => {
  const place = createStoryPlace(bin);
  const { got, url } = await listener();
  place.put(join(place.root, "secret-url"), `${url("secret-path-webhook")}\n`);
  place.setRemote(graphOf("one"));
  const env = {
    KGSYNC_HEARTBEAT_URL: url("secret-path-beat"),
    KGSYNC_WEBHOOK_URL_FILE: join(place.root, "secret-url"),
    KGSYNC_LOG_LEVEL: "debug",
  };
  const run = place.run({}, env);
  await run.waitForLine(/app: ready/);
  await expect.poll(() => got.map(({ path }) => path), { timeout: 30_000 }).toEqual(["/secret-path-beat"]);
  expect(got[0]).toMatchObject({ method: "GET", body: "" });
  // Two change the same value.
  const changed = (category: string) => graphOf("one").replace('"category":"story"', `"category":"${category}"`);
  place.setRemote(changed("theirs"));
  run.say(JSON.stringify({ save: changed("ours") }));
  await run.waitForEvent("merge.conflicts");
  await expect.poll(() => got.at(-1)?.path, { timeout: 30_000 }).toBe("/secret-path-webhook");
  expect(JSON.parse(got.at(-1)?.body ?? "")).toMatchObject({
    event: "conflict",
    bucket: expect.stringContaining("file:"),
    details: { log: "merge.conflicts" },
  });
  await stop(run);
  expect(run.err()).not.toContain("secret-path");
  const config = place.start(["config"], env);
  await config.ended;
  expect(config.out()).not.toContain("secret-path");
});

test.for([500, "never"] as const)("a webhook that answers %s changes nothing", async (status) => {
  const place = createStoryPlace(bin);
  const { got, url } = await listener(status);
  const run = place.run(
    { save: graphOf("one") },
    { KGSYNC_HEARTBEAT_URL: url("secret-path"), KGSYNC_WEBHOOK_URL: url("secret-path"), KGSYNC_GRACE: "3s" },
  );
  await run.waitForEvent("push.stored");
  await expect.poll(() => got.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await stop(run);
  expect(run.logs().at(-1)).toMatchObject({ event: "end", data: "safe" });
  expect(run.err()).not.toContain("secret-path");
});

test("work that does not get to the bucket is told while the app runs, once for its reason", async () => {
  const place = createStoryPlace(bin);
  const unsynced = noting(place, "unsynced");
  const run = place.run({}, { KGSYNC_HOOK_ON_UNSYNCED: unsynced.command, KGSYNC_INTERVAL: "100ms" });
  await run.waitForLine(/app: ready/);
  rmSync(place.bucket, { recursive: true, force: true });
  writeFileSync(place.bucket, "");
  run.say(JSON.stringify({ save: graphOf("one") }));
  await expect.poll(unsynced.told, { timeout: 30_000 }).toHaveLength(1);
  expect(JSON.parse(unsynced.told()[0]?.replace(/^unsynced /, "") ?? "")).toMatchObject({
    event: "unsynced",
    details: { log: "push.not-durable", why: expect.stringContaining("bucket") },
  });
  rmSync(place.bucket);
  await run.waitForEvent("push.caught-up");
  await stop(run);
  expect(unsynced.told()).toHaveLength(1);
});

test("a start that fails is told to the webhook before the program ends", async () => {
  const place = createStoryPlace(bin);
  const { got, url } = await listener();
  place.setRemote("not a graph");
  const run = place.run({}, { KGSYNC_WEBHOOK_URL: url("hook") });
  expect((await run.ended).code).toBe(65);
  expect(got.map(({ body }) => JSON.parse(body))).toContainEqual(
    expect.objectContaining({ event: "failure", details: expect.objectContaining({ log: "end" }) }),
  );
});
