import { describe, expect, test } from "vitest";
import { putOnce } from "../../../src/app/put-once.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { key } from "../../../src/core/key.ts";
import { etag } from "../../../src/core/version.ts";
import type { PutMode } from "../../../src/ports/object-store.ts";
import { createAppWorld } from "../../support/app-world.ts";
import type { Fault } from "../../support/faulty-object-store.ts";

const NAME = "graph";
const down = new KgsyncError("bucket-unavailable", "scripted: no answer");
const denied = new KgsyncError("bucket-denied", "scripted: 403");

const put = (kind: Fault["kind"], error?: KgsyncError): Fault =>
  ({ on: "put", key: NAME, kind, ...(error === undefined ? {} : { error }) }) as Fault;
const head = (error: KgsyncError): Fault => ({ on: "head", key: NAME, kind: "error", error });

type There = "ours to replace" | "another version" | "nothing";

/** What a put comes to, or the code that it rejects with, and what the bucket holds then. */
const play = async (mode: "create" | "update", there: There, ...faults: readonly Fault[]) => {
  const world = createAppWorld();
  if (there !== "nothing") await world.upload(NAME, "old");
  const before = world.bucketOf("memory:").objects.get(NAME)?.etag ?? etag("none");
  if (there === "another version") await world.upload(NAME, "theirs");
  const { io, within, expectAllPlayed } = world.boot({ faults });
  const condition: Exclude<PutMode, { mode: "overwrite" }> = mode === "create" ? { mode } : { mode, etag: before };
  const once = {
    key: key(NAME),
    body: world.encode("new"),
    mode: condition,
    metadata: { "kgsync-write-id": "w-1" },
    writeId: "w-1",
  };
  let ended: string;
  try {
    ended = (await within(10_000, (budget) => putOnce(io, once, budget))).kind;
  } catch (thrown) {
    ended = thrown instanceof KgsyncError ? thrown.code : String(thrown);
  }
  expectAllPlayed();
  return `${ended}, ${world.objects()[NAME] ?? "nothing"}`;
};

describe.each([
  ["create", "nothing"],
  ["update", "ours to replace"],
] as const)("%s", (mode, there) => {
  const old = there === "nothing" ? "nothing" : "old";

  test.each<[string, readonly Fault[], string]>([
    ["an answer", [], "stored, new"],
    ["applied, its answer lost", [put("lost-response")], "stored, new"],
    ["never arrived", [put("lost-request")], "stored, new"],
    ["never arrived, then applied and lost", [put("lost-request"), put("lost-response")], "stored, new"],
    ["applied and lost, and the look fails once", [put("lost-response"), head(down)], "stored, new"],
    ["not sent for a while", [put("error", down), put("error", down)], "stored, new"],
    ["denied", [put("error", denied)], `bucket-denied, ${old}`],
    ["lost, and the look is denied", [put("lost-request"), head(denied)], `bucket-denied, ${old}`],
  ])("%s", async (_, faults, expected) => expect(await play(mode, there, ...faults)).toBe(expected));

  test("never an answer until the time is up: unknown", async () => {
    const lost = Array.from({ length: 3 }, () => put("lost-request"));
    const never: Fault = { on: "put", key: NAME, kind: "stall", until: new Promise(() => undefined) };
    expect(await play(mode, there, ...lost, never)).toBe(`unknown, ${old}`);
  });
});

test.each([
  ["create", "another version"],
  ["update", "another version"],
  ["update", "nothing"],
] as const)(
  "%s where there is %s: a lost race, nothing written; after a lost answer nobody can say",
  async (mode, there) => {
    const held = there === "nothing" ? "nothing" : "theirs";
    expect(await play(mode, there)).toBe(`conflict, ${held}`);
    expect(await play(mode, there, put("lost-request"))).toBe(`overtaken, ${held}`);
  },
);
