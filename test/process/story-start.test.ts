import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FORWARDED } from "../../src/core/signals.ts";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";
import { type S3DoubleOptions, startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const SHORT = { KGSYNC_START_TIMEOUT: "1s", KGSYNC_REQUEST_TIMEOUT: "300ms", KGSYNC_CONNECT_TIMEOUT: "300ms" };

const double = async (options: S3DoubleOptions = {}) => {
  const started = await startS3Double(options);
  onTestFinished(started.close);
  return started;
};

const status = (code: number, word: string): S3Fault => ({ kind: "status", status: code, code: word });

type Refusal = {
  readonly server?: S3DoubleOptions;
  readonly fault?: S3Fault;
  readonly env?: Readonly<Record<string, string>>;
  readonly code: number;
  readonly says: RegExp;
  readonly hints: RegExp;
};

const REFUSALS: Readonly<Record<string, Refusal>> = {
  "denied (403)": { fault: status(403, "AccessDenied"), code: 77, says: /403 AccessDenied/, hints: /s3:ListBucket/ },
  "a key that nobody knows": {
    server: { accessKeys: ["another"] },
    code: 77,
    says: /InvalidAccessKeyId/,
    hints: /credentials/,
  },
  "no credentials at all": {
    env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
    code: 77,
    says: /no usable credentials/,
    hints: /AWS_ACCESS_KEY_ID/,
  },
  "a bucket that does not exist": {
    env: { KGSYNC_BUCKET: "s3://mistyped/app" },
    code: 78,
    says: /bucket "mistyped".*404 NoSuchBucket/,
    hints: /Check the bucket's name/,
  },
  "another region": {
    server: { region: "eu-central-1" },
    code: 78,
    says: /AuthorizationHeaderMalformed/,
    hints: /AWS_REGION=eu-central-1/,
  },
  "a server in trouble (503)": {
    fault: status(503, "ServiceUnavailable"),
    code: 69,
    says: /503/,
    hints: /endpoint and the network/,
  },
  "a server that says nothing": {
    fault: { kind: "stall-headers" },
    code: 69,
    says: /no answer/,
    hints: /endpoint and the network/,
  },
  "a store that ignores conditions": {
    server: { profile: "ignore-all" },
    code: 78,
    says: /does not honour conditional writes/,
    hints: /KGSYNC_UNSAFE_STORE/,
  },
  "a store that refuses conditions": {
    server: { profile: "reject-501" },
    code: 78,
    says: /501/,
    hints: /KGSYNC_UNSAFE_STORE/,
  },
};

test.for(Object.entries(REFUSALS))("no graph can be read, %s: refused, the app is never started", async ([, how]) => {
  const place = createStoryPlace(bin);
  const server = await double(how.server);
  if (how.fault !== undefined) server.faults.add({}, how.fault, 1000);
  const run = place.run({}, { ...s3Env(server), ...SHORT, ...how.env });
  expect(await run.ended).toEqual({ code: how.code, signal: null });
  expect(place.marks()).toEqual([]);
  const end = run.logs().at(-1);
  expect(end).toMatchObject({ level: "error", event: "end", code: how.code, data: "untouched" });
  expect([end?.msg, end?.["hint"]]).toEqual([expect.stringMatching(how.says), expect.stringMatching(how.hints)]);
  expect(end?.msg.match(/cannot be read/g) ?? []).toHaveLength(how.code === 78 && how.server?.profile ? 0 : 1);
  expect(place.terminationLog()).toMatch(how.says);
  expect([...server.objects.keys()].filter((key) => key !== "app/.kgsync/probe")).toEqual([]);
  expect(existsSync(place.graph)).toBe(false);
});

test("nobody listens at the endpoint: 69, the app is never started", async () => {
  const place = createStoryPlace(bin);
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  const port = typeof address === "object" ? address?.port : 0;
  const run = place.run({}, { ...s3Env({ endpoint: `http://127.0.0.1:${port}`, bucket: "bucket" }), ...SHORT });
  expect(await run.ended).toEqual({ code: 69, signal: null });
  expect(run.logs().at(-1)?.msg).toMatch(/ECONNREFUSED/);
  expect(place.marks()).toEqual([]);
});

test("the bucket is empty: a first boot, and what the app begins goes up", async () => {
  const place = createStoryPlace(bin);
  const server = await double();
  const run = place.run({ save: graphOf("new"), exit: 0 }, s3Env(server));
  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(server.objects.get("app/knowledge_graph.json")?.body.toString()).toBe(graphOf("new"));
});

test("the bucket is empty, and KGSYNC_FIRST_BOOT=refuse", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({}, { KGSYNC_FIRST_BOOT: "refuse" });
  expect(await run.ended).toEqual({ code: 65, signal: null });
  expect(place.marks()).toEqual([]);
  expect(run.logs().at(-1)).toMatchObject({
    msg: expect.stringContaining("KGSYNC_FIRST_BOOT=refuse"),
    hint: expect.stringContaining("KGSYNC_FIRST_BOOT=allow"),
  });
});

test.for([
  ["not JSON", "{ half", "KGSYNC_ON_INVALID_REMOTE"],
  ["empty", "", "KGSYNC_ON_INVALID_REMOTE"],
])("the bucket's graph is invalid (%s): 65, the app is never started on it", async ([, text, hint]) => {
  const place = createStoryPlace(bin);
  place.setRemote(text ?? "");
  const run = place.run();
  expect(await run.ended).toEqual({ code: 65, signal: null });
  expect([place.marks(), place.remote(), place.local()]).toEqual([[], text, undefined]);
  expect(run.logs().at(-1)?.["hint"]).toContain(hint);
});

/** Whether the process has a handler for the signal: bit n-1 of SigCgt (proc_pid_status(5)). */
const catches = (pid: number, signal: number): boolean => {
  const mask = /^SigCgt:\s+([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return (BigInt(`0x${mask}`) & (1n << BigInt(signal - 1))) !== 0n;
};

// Signals at every moment of the start: spread over the whole of it, however long it takes on this machine.
test("a TERM at any moment of the start is never lost", { timeout: 240_000 }, async () => {
  const tries = 40;
  const began = performance.now();
  const warm = createStoryPlace(bin);
  warm.setRemote(graphOf("one", "two"));
  const unhurried = warm.run();
  await unhurried.waitForLine(/app: ready/);
  const wholeMs = performance.now() - began;
  await unhurried.killAll();
  const outcomes = new Map<string, number>();
  for (let n = 0; n < tries; n++) {
    const place = createStoryPlace(bin);
    place.setRemote(graphOf("one", "two"));
    place.put(join(place.bucket, "backups/b.json"), "{}");
    const run = place.run({ onTerm: { exit: 143 } });
    // A delay, not a wait for something: any moment will do, and this picks them.
    await new Promise((resolve) => setTimeout(resolve, (n * wholeMs) / tries));
    const listens = catches(run.pid, Math.max(...FORWARDED));
    run.signal("SIGTERM");
    const { code, signal } = await run.ended;
    const marks = place.marks().join();
    // Before Node has run our first statement the signal's own default ends the process: also an end, and nothing began.
    const how =
      signal === "SIGTERM" && !listens ? "before the first statement" : marks === "" ? "never started" : "told to stop";
    outcomes.set(how, (outcomes.get(how) ?? 0) + 1);
    expect([code, signal], `try ${n}: ${marks}\n${run.err()}`).toEqual(
      how === "before the first statement" ? [null, "SIGTERM"] : [143, null],
    );
    // A TERM that comes before the app listens kills it: also then it was not lost.
    expect(["", "started,term", "started"], `try ${n}`).toContain(marks);
    expect([undefined, graphOf("one", "two")]).toContain(place.local());
    expect(place.remote()).toBe(graphOf("one", "two"));
    const again = place.run({ exit: 0 });
    expect((await again.ended).code, again.err()).toBe(0);
    expect(place.local()).toBe(graphOf("one", "two"));
    expect(place.filesBelow(place.cwd).filter((name) => name.includes(".kgsync-tmp-"))).toEqual([]);
  }
  expect(outcomes.get("never started")).toBeGreaterThan(0);
});

test("a TERM while the bucket keeps us waiting ends at once with 143", async () => {
  const place = createStoryPlace(bin);
  const server = await double();
  const proxy = await startFaultyProxy(Number(new URL(server.endpoint).port), "silent");
  onTestFinished(proxy.close);
  const run = place.run({}, s3Env({ ...server, endpoint: `http://127.0.0.1:${proxy.port}` }));
  await expect.poll(proxy.connections, { timeout: 30_000 }).toBeGreaterThan(0);
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
  expect(run.logs().at(-1)).toMatchObject({ event: "end", code: 143, data: "untouched" });
  expect(place.marks()).toEqual([]);
});

/** Before any request: the bucket is not even made, nor the folder of the app's state. */
const untouched = (place: ReturnType<typeof createStoryPlace>): void => {
  expect([place.marks(), existsSync(place.bucket), readdirSync(place.cwd)]).toEqual([[], false, []]);
};

test("everything that is wrong with the settings is said at once, and nothing is touched", async () => {
  const place = createStoryPlace(bin);
  const run = place.run(
    {},
    {
      KGSYNC_BUCKET: "s4://nowhere",
      KGSYNC_GRACE: "ten",
      KGSYNC_BUKCET: "file:///x",
      KGSYNC_VALIDATE: "xml",
      KGSYNC_S3_ACCESS_KEY_ID: "alone",
    },
  );
  expect(await run.ended).toEqual({ code: 78, signal: null });
  for (const word of [
    "KGSYNC_BUCKET",
    "KGSYNC_GRACE",
    "KGSYNC_BUKCET",
    "KGSYNC_VALIDATE",
    "KGSYNC_S3_SECRET_ACCESS_KEY",
  ])
    expect(run.err()).toContain(word);
  expect(place.terminationLog()).toMatch(/KGSYNC_GRACE.*\(exit 78\)/);
  untouched(place);
});

test("a mistake is told in the asked form, also where it is in the settings", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({}, { KGSYNC_GRACE: "ten", KGSYNC_LOG_FORMAT: "pretty" });
  expect((await run.ended).code).toBe(78);
  expect(run.err()).toMatch(/ERROR .*configuration has a problem/);
});

test.for(["KGSYNC_GRACEE", "KGSYNC_INTERVALL"])(
  "the unknown variable %s is refused, with the nearest name",
  async (name) => {
    const place = createStoryPlace(bin);
    const run = place.run({}, { [name]: "10s" });
    expect(await run.ended).toEqual({ code: 78, signal: null });
    expect(run.err()).toContain(name.slice(0, -1));
    untouched(place);
  },
);

const COMMANDS: readonly (readonly [
  string,
  (place: ReturnType<typeof createStoryPlace>) => readonly string[],
  number,
  object,
])[] = [
  ["a command that is not there", () => ["run", "--", "no-such-program"], 127, {}],
  ["a path that is not there", () => ["run", "--", "/no/such/program"], 127, {}],
  [
    "a file that may not be executed",
    (place) => {
      writeFileSync(join(place.root, "plain"), "#!/bin/sh\n");
      chmodSync(join(place.root, "plain"), 0o644);
      return ["run", "--", join(place.root, "plain")];
    },
    126,
    {},
  ],
  ["a folder", (place) => ["run", "--", place.root], 126, {}],
  ["no command", () => ["run"], 64, {}],
  ["no command after --", () => ["run", "--"], 64, {}],
  ["an option that is not one", () => ["run", "--grcae", "5s", "--", "true"], 64, {}],
  ["a command of kgsync that is not one", () => ["rnu", "--", "true"], 64, {}],
  ["a working directory that is not there", () => ["run", "--", "true"], 78, { KGSYNC_CWD: "/no/such/folder" }],
  ["a working directory that is a file", () => ["run", "--", "true"], 78, { KGSYNC_CWD: "/dev/null" }],
];

test.for(COMMANDS)("%s: refused before anything is touched", async ([, argv, code, env]) => {
  const place = createStoryPlace(bin);
  const run = place.start(argv(place), { ...env });
  expect(await run.ended).toEqual({ code, signal: null });
  expect(run.logs().at(-1)).toMatchObject({ level: "error", event: "failed", code, hint: expect.any(String) });
  for (const name of Object.keys(env)) expect(run.err()).toContain(`${name}: `);
  if (code === 126 || code === 127 || code === 78) expect(place.terminationLog()).toContain(`(exit ${code})`);
  untouched(place);
});

test("folders that lie in one another, by a link: 78, and nothing is touched", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({}, { KGSYNC_BUCKET: `file://${encodeURI(place.cwd)}/amadeus/backups` });
  expect(await run.ended).toEqual({ code: 78, signal: null });
  expect(run.err()).toMatch(/KGSYNC_BUCKET .* lies in KGSYNC_BACKUPS|KGSYNC_BACKUPS .* lies in KGSYNC_BUCKET/);
  untouched(place);
});

test("a state folder that cannot be written is told before the app starts", async () => {
  const place = createStoryPlace(bin);
  writeFileSync(join(place.root, "file"), "");
  const run = place.run({}, { KGSYNC_STATE_DIR: join(place.root, "file/state") });
  expect([78, 74]).toContain((await run.ended).code);
  expect(run.logs().at(-1)?.msg).toContain("file/state");
  expect(place.marks()).toEqual([]);
  expect(readFileSync(join(place.root, "file"), "utf8")).toBe("");
});
