import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

const PLANTED = {
  aws: "planted/aws+secret=Key0123456789abcdef",
  awsToken: "planted-aws-session-token-0123456789",
  own: 'planted"own\\secret-key-0123456789',
  ownToken: "planted-own-session-token-0123456789",
  file: "planted-secret-from-a-file-0123456789",
  container: "planted-container-token-0123456789",
} as const;

const server = async (accessKeys?: readonly string[]) => {
  const double = await startS3Double(accessKeys === undefined ? {} : { accessKeys });
  onTestFinished(double.close);
  return double;
};

type Env = Readonly<Record<string, string>>;

/** Ways in which a secret comes in, each with what is sent to the server for it. */
const WAYS: Readonly<Record<string, (root: string) => Env>> = {
  "AWS's own variables": () => ({
    AWS_SECRET_ACCESS_KEY: PLANTED.aws,
    AWS_SESSION_TOKEN: PLANTED.awsToken,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: PLANTED.container,
  }),
  "kgsync's variables": () => ({
    KGSYNC_S3_ACCESS_KEY_ID: "AKIDEXAMPLE",
    KGSYNC_S3_SECRET_ACCESS_KEY: PLANTED.own,
    KGSYNC_S3_SESSION_TOKEN: PLANTED.ownToken,
  }),
  "a file": (root) => ({
    KGSYNC_S3_ACCESS_KEY_ID: "AKIDEXAMPLE",
    KGSYNC_S3_SECRET_ACCESS_KEY_FILE: join(root, "secret"),
  }),
  "a proxy with a password": () => ({
    AWS_SECRET_ACCESS_KEY: PLANTED.aws,
    HTTP_PROXY: `http://user:${PLANTED.container}@127.0.0.1:9`,
    NO_PROXY: "127.0.0.1",
  }),
};

/** How a run can go, with all that it says. */
const COURSES: Readonly<
  Record<string, { readonly keys?: readonly string[]; readonly env?: Env; readonly args?: readonly string[] }>
> = {
  "all goes well": {},
  "access is denied": { keys: ["another"] },
  "the bucket is missing": { env: { KGSYNC_BUCKET: "s3://mistyped/app" } },
  "nobody answers": { env: { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" } },
  "the settings are wrong": { env: { KGSYNC_GRACE: "ten", KGSYNC_S3_SSE: "aws" } },
  "`config` is asked": { args: ["config"] },
  "`config --json` is asked": { args: ["config", "--json"] },
  "`config --env` is asked": { args: ["config", "--env"] },
};

const MATRIX = Object.keys(WAYS).flatMap((way) => Object.keys(COURSES).map((course) => [way, course] as const));

test.for(MATRIX)("secrets by %s, %s: they are nowhere in what is said or written", async ([way, course]) => {
  const place = createStoryPlace(bin);
  place.put(join(place.root, "secret"), `${PLANTED.file}\n`);
  const { keys, env = {}, args } = COURSES[course] ?? {};
  const double = await server(keys);
  const all = {
    ...s3Env(double),
    ...WAYS[way]?.(place.root),
    ...env,
    KGSYNC_LOG_LEVEL: "debug",
    KGSYNC_START_TIMEOUT: "500ms",
  };
  const run = args === undefined ? place.run({ save: graphOf("a"), exit: 0 }, all) : place.start(args, all);
  await run.ended;
  const written = place.filesBelow(place.cwd).map((name) => readFileSync(join(place.cwd, name), "utf8"));
  const said = [run.out(), run.err(), place.terminationLog(), ...written].join("\n");
  expect(said.length).toBeGreaterThan(50);
  for (const secret of Object.values(PLANTED))
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
      expect(said).not.toContain(form);
  if (course === "all goes well") {
    expect(double.objects.has("app/knowledge_graph.json"), run.err()).toBe(true);
    const stored = [...double.objects]
      .map(([key, { body, metadata }]) => `${key} ${body} ${JSON.stringify(metadata)}`)
      .join();
    for (const secret of Object.values(PLANTED)) expect(stored).not.toContain(secret);
  }
});

test("a secret that stands where nobody expects one is taken out of the log", async () => {
  const place = createStoryPlace(bin);
  const secrets = { AWS_SECRET_ACCESS_KEY: PLANTED.file, AWS_SESSION_TOKEN: PLANTED.container };
  const odd = {
    KGSYNC_GRAPH: `${PLANTED.file}/graph.json`,
    KGSYNC_BACKUPS: PLANTED.container,
    KGSYNC_LOG_LEVEL: "debug",
  };
  const run = place.run({ exit: 0 }, { ...secrets, ...odd });
  expect((await run.ended).code).toBe(0);
  expect(run.err()).toContain("[redacted]/graph.json");
  expect(run.err()).not.toContain("planted");
});

test("credentials in files that are replaced while the app runs are in force at the next request, and in no line", async () => {
  const place = createStoryPlace(bin);
  const accessKeys = ["AKIDFIRST"];
  const double = await server(accessKeys);
  const [id, secret] = [join(place.root, "id"), join(place.root, "secret")];
  place.put(id, "AKIDFIRST\n");
  place.put(secret, `${PLANTED.file}\n`);
  const files = { KGSYNC_S3_ACCESS_KEY_ID_FILE: id, KGSYNC_S3_SECRET_ACCESS_KEY_FILE: secret };
  const run = place.run({ save: graphOf("a") }, { ...s3Env(double), ...files, KGSYNC_LOG_LEVEL: "debug" });
  await run.waitForEvent("push.stored");
  accessKeys.splice(0, 1, "AKIDSECOND"); // the first is revoked
  place.put(id, "AKIDSECOND\n");
  place.put(secret, `${PLANTED.container}\n`);
  run.say(JSON.stringify({ save: graphOf("a", "b") }));
  await run.waitForEvent("push.stored", 2);
  run.say(JSON.stringify({ exit: 0 }));
  expect((await run.ended).code).toBe(0);
  expect(double.requests.at(-1)?.accessKey).toBe("AKIDSECOND");
  expect(run.err()).not.toContain("planted");
});

test("a secret that is too short to be taken out is told at the start, without showing it", async () => {
  const place = createStoryPlace(bin);
  const double = await server();
  const own = { KGSYNC_S3_ACCESS_KEY_ID: "AKIDEXAMPLE", KGSYNC_S3_SECRET_ACCESS_KEY: "qwxyz7" };
  const run = place.run({ exit: 0 }, { ...s3Env(double), ...own });
  expect((await run.ended).code).toBe(0);
  expect(await run.waitForEvent("config.warning")).toMatchObject({
    msg: expect.stringContaining("KGSYNC_S3_SECRET_ACCESS_KEY is shorter than 8 characters"),
  });
  expect(run.err()).not.toContain("qwxyz7");
});

test("a secret that is no more than a word of a trial server leaves the log readable", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ exit: 0 }, { AWS_SECRET_ACCESS_KEY: "app", KGSYNC_LOG_LEVEL: "debug" });
  expect((await run.ended).code).toBe(0);
  expect(run.err()).toContain("the app ended with 0");
  expect(run.err()).not.toContain("redacted");
});

test("an option with a secret is refused without repeating it", async () => {
  const place = createStoryPlace(bin);
  const run = place.start(["push", "--s3-secret-access-key", PLANTED.own]);
  expect((await run.ended).code).toBe(64);
  expect(run.out() + run.err() + place.terminationLog()).not.toContain("planted");
});

const printEnv = ["run", "--", process.execPath, "-e", "console.log(JSON.stringify(process.env))"];
const OTHERS = { EMPTY: "", ODD: "a=b\n'c' \u{1f9e0}", AWS_REGION: "us-east-1" };

test("the app's environment: by default all of it, unchanged", async () => {
  const place = createStoryPlace(bin);
  const given = { ...OTHERS, AWS_SECRET_ACCESS_KEY: PLANTED.aws, KGSYNC_INTERVAL: "7s" };
  const run = place.start(printEnv, given);
  expect((await run.ended).code).toBe(0);
  const seen: Record<string, string> = JSON.parse(run.out());
  expect(seen).toMatchObject({ ...given, PATH: process.env["PATH"], KGSYNC_BUCKET: `file://${place.bucket}` });
  // nothing of ours is added
  expect(Object.keys(seen).filter((name) => /KGSYNC_STARTED|NODE_/.test(name))).toEqual([]);
});

test("KGSYNC_CHILD_ENV=clean keeps our settings and the bucket's credentials from the app, and nothing else", async () => {
  const place = createStoryPlace(bin);
  const secret = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_SESSION_TOKEN: "c", AWS_PROFILE: "d" };
  const run = place.start(printEnv, { ...OTHERS, ...secret, KGSYNC_CHILD_ENV: "clean" });
  expect((await run.ended).code).toBe(0);
  const seen: Record<string, string> = JSON.parse(run.out());
  expect(seen).toMatchObject({ ...OTHERS, HOME: place.root });
  expect(Object.keys(seen).filter((name) => name.startsWith("KGSYNC_") || name in secret)).toEqual([]);
});
