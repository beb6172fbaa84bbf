import { expect, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
/** Nothing but the start and the stop pushes. */
const QUIET = { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" };
const GRAPH = "amadeus/knowledge_graph.json";
const save = (...names: readonly string[]): string => `printf '%s' '${graphOf(...names)}' >${GRAPH}`;

type Story = {
  readonly script: string;
  /** What the app says when the TERM may come; without it, it ends by itself. */
  readonly term?: RegExp;
  readonly code: number;
  readonly remote: string;
  readonly env?: Readonly<Record<string, string>>;
};

const STORIES: Readonly<Record<string, Story>> = {
  "needs eight seconds after TERM: it is not killed": {
    script: `bye() { sleep 8; ${save("late")}; exit 0; }; trap bye TERM; echo up; while :; do sleep 0.05; done`,
    term: /^up$/m,
    code: 0,
    remote: graphOf("late"),
    env: { KGSYNC_GRACE: "60s" },
  },
  "has become another program by exec: that one is told TERM": {
    script: `exec bash -c "$NEXT"`,
    env: { NEXT: `bye() { ${save("exec")}; exit 6; }; trap bye TERM; echo up; while :; do sleep 0.05; done` },
    term: /^up$/m,
    code: 6,
    remote: graphOf("exec"),
  },
  "has stopped itself: TERM wakes it": {
    script: `bye() { ${save("woken")}; exit 0; }; trap bye TERM; (until grep -q ') T ' /proc/$$/stat; do :; done; echo asleep) & kill -STOP $$; wait; sleep 600`,
    term: /^asleep$/m,
    code: 0,
    remote: graphOf("woken"),
  },
  "forks twice and ends: what it started saves on TERM, and that is the last push": {
    script: `(sh -c "$DAEMON" &)
      until [ -s daemon ]; do sleep 0.01; done; ${save("main")}; exit 3`,
    code: 3,
    remote: graphOf("daemon"),
    env: { DAEMON: `bye() { ${save("daemon")}; exit; }; trap bye TERM; echo up >daemon; while :; do sleep 0.05; done` },
  },
  "writes on in the background after its main program: the last content of the disk is the bucket's": {
    script: `(trap '' TERM; n=0; while :; do n=$((n + 1)); printf '{"n":%d}' $n >${GRAPH}.new; mv ${GRAPH}.new ${GRAPH}; done) &
      until [ -s ${GRAPH} ]; do sleep 0.01; done; exit 0`,
    code: 0,
    remote: "the disk's",
    env: { KGSYNC_QUIESCE: "100ms" },
  },
};

test.concurrent.for(Object.entries(STORIES))(
  "an app that %s",
  { timeout: 120_000 },
  async ([, { script, term, code, remote, env = {} }], { onTestFinished }) => {
    const place = createStoryPlace(bin, onTestFinished);
    const run = place.start(["run", "--", "bash", "-c", script], { ...QUIET, ...env });
    if (term !== undefined) {
      await run.waitForLine(term);
      run.signal("SIGTERM");
    }
    expect({ ended: await run.ended, err: run.err() }).toMatchObject({ ended: { code, signal: null } });
    expect(place.remote()).toBe(remote === "the disk's" ? place.local() : remote);
    expect(place.local()).toBe(place.remote());
    expect(run.logs().find(({ event }) => event === "end")).toMatchObject({ data: "safe" });
  },
);

test("an app that dies in the middle of a save: its torn file is kept aside, and the bucket has the last good one", async () => {
  const place = createStoryPlace(bin);
  const torn = graphOf("good", "half").slice(0, 100);
  const script = `${save("good")}; echo saved; read -r _; printf '%s' '${torn}' >${GRAPH}; kill -KILL $$`;
  const run = place.start(["run", "--", "bash", "-c", script]);
  await run.waitForEvent("push.stored");
  run.say("go");
  expect(await run.ended).toEqual({ code: 137, signal: null });
  expect(place.remote()).toBe(graphOf("good"));
  const aside = place.objects().filter((name) => name !== "knowledge_graph.json");
  expect(aside.map((name) => place.textAt(`${place.bucket}/${name}`))).toContain(torn);
});
