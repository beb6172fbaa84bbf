import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startCredentialServer } from "../support/credential-server.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

// In the bundle: the SDK loads what finds credentials by dynamic imports, and a bundler may lose or break each of them.
const bin = useBundle();

const ROLE_ARN = "arn:aws:iam::111122223333:role/graph";
const [MINUTE, HOUR] = [60_000, 3_600_000];
type Place = ReturnType<typeof createStoryPlace>;
type Env = Readonly<Record<string, string>>;
type Way = {
  readonly name: string;
  readonly env: (place: Place, url: string) => Env;
  /** What the server sees of the asker, when the token is this one. */
  readonly asked: (token: string) => string;
  /** What the hint has when none come. */
  readonly hint: RegExp;
  /** When nobody answers: the SDK tells of some ways that it was the network, and those are tried again. */
  readonly absent: 69 | 77;
};

const write = (place: Place, name: string, text: string): string => {
  const path = join(place.root, name);
  writeFileSync(path, text);
  return path;
};

const WAYS: readonly Way[] = [
  {
    name: "web identity",
    env: (place, url) => ({
      AWS_WEB_IDENTITY_TOKEN_FILE: join(place.root, "token"),
      AWS_ROLE_ARN: ROLE_ARN,
      AWS_ROLE_SESSION_NAME: "a-pod",
      AWS_ENDPOINT_URL_STS: url,
    }),
    asked: (token) => `AssumeRoleWithWebIdentity ${ROLE_ARN} ${token}`,
    hint: /AWS_WEB_IDENTITY_TOKEN_FILE.*AWS_ROLE_ARN/,
    absent: 69,
  },
  {
    name: "container endpoint",
    env: (place, url) => ({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(place.root, "token"),
    }),
    asked: (token) => token,
    hint: /AWS_CONTAINER_CREDENTIALS_FULL_URI/,
    absent: 77,
  },
  {
    name: "a profile's role",
    env: (place, url) => ({
      AWS_PROFILE: "app",
      AWS_ENDPOINT_URL_STS: url,
      AWS_CONFIG_FILE: write(place, "config", `[profile app]\nrole_arn = ${ROLE_ARN}\nsource_profile = base\n`),
      AWS_SHARED_CREDENTIALS_FILE: write(
        place,
        "credentials",
        "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = secret-of-base\n",
      ),
    }),
    asked: () => `AssumeRole ${ROLE_ARN} signed by AKIABASE`,
    hint: /AWS_PROFILE is set/,
    absent: 69,
  },
  {
    name: "a profile's program",
    env: (place, url) => {
      const get = `
        const [{ get }, { readFileSync }] = [require("node:http"), require("node:fs")];
        const headers = { authorization: readFileSync(${JSON.stringify(join(place.root, "token"))}, "utf8") };
        get(${JSON.stringify(`${url}/container`)}, { headers }, async (answer) => {
          let text = "";
          for await (const chunk of answer) text += chunk;
          const { Token, ...rest } = JSON.parse(text);
          console.log(JSON.stringify({ Version: 1, SessionToken: Token, ...rest }));
        });`;
      const program = write(place, "ask.cjs", `#!${process.execPath}\n${get}\n`);
      chmodSync(program, 0o755);
      return {
        AWS_PROFILE: "app",
        AWS_CONFIG_FILE: write(place, "config", `[profile app]\ncredential_process = ${program}\n`),
      };
    },
    asked: (token) => token,
    hint: /AWS_PROFILE is set/,
    absent: 77,
  },
  {
    name: "instance metadata",
    env: (_, url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_EC2_METADATA_DISABLED: "false" }),
    asked: () => "/latest/meta-data/iam/security-credentials/the-role",
    hint: /give the container a role/,
    absent: 77,
  },
];

/** A bucket that serves the keys in `accepted` alone, and whoever gives them. */
const lab = async (lifetimes: readonly number[], refuse?: number) => {
  const accepted: string[] = [];
  const double = await startS3Double({ accessKeys: accepted });
  const server = await startCredentialServer({
    lifetimes,
    ...(refuse === undefined ? {} : { refuse }),
    onGrant: ({ accessKey }) => void accepted.push(accessKey),
  });
  onTestFinished(async () => {
    await server.close();
    await double.close();
  });
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...bucket } = s3Env(double);
  const graph = () => double.objects.get("app/knowledge_graph.json")?.body.toString();
  return { accepted, double, server, bucket, graph };
};

describe("temporary credentials, by the built program", () => {
  test.for(WAYS)("$name: found, renewed before they expire, and the old ones are not used again", async (way) => {
    const place = createStoryPlace(bin);
    // The SDK renews what has less than five minutes left.
    const { accepted, double, server, bucket, graph } = await lab([MINUTE, HOUR]);
    write(place, "token", "first-token");
    double.put("app/knowledge_graph.json", graphOf("kept"));
    const run = place.run({ save: graphOf("kept", "first") }, { ...bucket, ...way.env(place, server.url) });
    await run.waitForEvent("child.started");
    write(place, "token", "second-token"); // the kubelet replaces it long before it expires
    await expect.poll(graph, { timeout: 30_000 }).toBe(graphOf("kept", "first"));
    await expect.poll(() => server.grants.length, { timeout: 30_000 }).toBeGreaterThan(1);
    const [first] = server.grants;
    accepted.splice(0, accepted.length, ...accepted.filter((key) => key !== first?.accessKey)); // it has expired
    const before = double.requests.length;
    run.say(JSON.stringify({ save: graphOf("kept", "first", "second") }));
    await expect.poll(graph, { timeout: 30_000 }).toBe(graphOf("kept", "first", "second"));
    run.signal("SIGTERM");
    expect(await run.ended).toEqual({ code: 143, signal: null });

    expect(double.requests.slice(before).map(({ accessKey }) => accessKey)).not.toContain(first?.accessKey);
    const sessions = new Map(server.grants.map(({ accessKey, sessionToken }) => [accessKey, sessionToken]));
    for (const { accessKey, headers } of double.requests)
      expect(headers["x-amz-security-token"]).toBe(sessions.get(accessKey ?? ""));
    const asked = server.grants.map((grant) => grant.asked);
    expect(asked[0]).toBe(way.asked("first-token"));
    expect([way.asked("first-token"), way.asked("second-token")]).toContain(asked.at(-1));
    expect(server.strays).toEqual([]);
    expect(run.err()).not.toMatch(/session-\d|temporary|secret-of-base|-token/);
  });

  test.for(WAYS)("$name: refused is told at once, with 77, and the app is not started", async (way) => {
    const place = createStoryPlace(bin);
    const { double, server, bucket } = await lab([HOUR], 403);
    write(place, "token", "first-token");
    const run = place.run({}, { ...bucket, ...way.env(place, server.url) });
    expect(await run.ended).toEqual({ code: 77, signal: null });
    expect(await run.waitForEvent("end")).toMatchObject({
      msg: expect.stringContaining("no usable credentials were found"),
      hint: expect.stringMatching(way.hint),
    });
    expect(place.marks()).toEqual([]);
    expect(double.requests).toEqual([]);
  });

  test.for(WAYS)("$name: with nobody there to ask the start ends and says so", async (way) => {
    const place = createStoryPlace(bin);
    const { server, bucket, double } = await lab([HOUR]);
    await server.close();
    write(place, "token", "first-token");
    const run = place.run(
      {},
      { ...bucket, ...way.env(place, server.url), KGSYNC_START_TIMEOUT: way.absent === 69 ? "2s" : "60s" },
    );
    expect(await run.ended).toEqual({ code: way.absent, signal: null });
    const end = await run.waitForEvent("end");
    expect(end.msg).toMatch(
      way.absent === 69 ? /no credentials yet: no answer \(ECONNREFUSED\)/ : /no usable credentials/,
    );
    if (way.absent === 77) expect(end["hint"]).toMatch(way.hint);
    expect(place.marks()).toEqual([]);
    expect(double.requests).toEqual([]);
  });

  test("a token file that is not there is what the hint is about", async () => {
    const place = createStoryPlace(bin);
    const { server, bucket } = await lab([HOUR]);
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: join(place.root, "none"), AWS_ROLE_ARN: ROLE_ARN };
    const run = place.run({}, { ...bucket, ...env, AWS_ENDPOINT_URL_STS: server.url });
    expect(await run.ended).toEqual({ code: 77, signal: null });
    expect((await run.waitForEvent("end"))["hint"]).toContain("AWS_WEB_IDENTITY_TOKEN_FILE can be read");
    expect(server.grants).toEqual([]);
  });

  test("STS's own word is passed on", async () => {
    const place = createStoryPlace(bin);
    const { server, bucket } = await lab([HOUR], 403);
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: write(place, "token", "a-token"), AWS_ROLE_ARN: ROLE_ARN };
    const run = place.run({}, { ...bucket, ...env, AWS_ENDPOINT_URL_STS: server.url });
    expect((await run.waitForEvent("end")).msg).toContain("whoever gives them answered 403 AccessDenied");
    await run.ended;
  });
});
