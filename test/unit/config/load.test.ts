import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import type { Environment, Flags } from "../../../src/config/read-setting.ts";
import { SETTINGS } from "../../../src/config/schema.ts";
import { KgsyncError } from "../../../src/core/errors.ts";

const noFiles = (path: string): string => {
  throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
};

const BUCKET = { KGSYNC_BUCKET: "s3://my-bucket/amadeus" };

const load = (env: Environment = {}, flags: Flags = {}, read = noFiles) =>
  loadConfig({ ...BUCKET, ...env }, flags, read);

const refusal = (env: Environment, flags: Flags = {}, read = noFiles): KgsyncError => {
  try {
    loadConfig(env, flags, read);
  } catch (thrown) {
    if (thrown instanceof KgsyncError) return thrown;
    throw thrown;
  }
  throw new Error("the configuration was accepted");
};

const problems = (env: Environment, flags: Flags = {}, read = noFiles): readonly string[] =>
  refusal({ ...BUCKET, ...env }, flags, read)
    .message.split("\n  ")
    .slice(1);

const secrets = SETTINGS.filter(({ secret }) => secret === true);

describe("every setting", () => {
  it("has a variable and a flag that follow from its key", () => {
    for (const { key, env, flag, secret } of SETTINGS) {
      expect(env).toBe(`KGSYNC_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`);
      expect(flag).toBe(secret === true ? undefined : env.replace("KGSYNC_", "").toLowerCase().replaceAll("_", "-"));
    }
  });

  // Those that need one another are given together.
  const besides = (key: string): Environment =>
    key.startsWith("s3")
      ? { KGSYNC_S3_SSE: "aws:kms", KGSYNC_S3_ACCESS_KEY_ID: "id", KGSYNC_S3_SECRET_ACCESS_KEY: "secret" }
      : {};

  it.each(SETTINGS)("$env accepts its example and its default", ({ key, env, example, fallback }) => {
    const beside = besides(key);
    expect(load({ ...beside, [env]: example }).sources[key]).toEqual({ from: "env", name: env });
    if (fallback !== undefined) {
      expect(load({ ...beside, [env]: fallback }).config[key]).toEqual(load(beside).config[key]);
    }
  });

  it.each(SETTINGS)("$env has a default, says what happens without one, or is required", (setting) => {
    expect([setting.fallback, setting.unset].filter((text) => text !== undefined)).toHaveLength(1);
  });

  it.each(SETTINGS.filter(({ env }) => !["KGSYNC_BACKUPS", "KGSYNC_TERMINATION_LOG"].includes(env)))(
    "$env refuses the empty text, which a template with a missing value leaves",
    ({ env }) => {
      expect(problems({ [env]: "" }).join()).toContain("is empty");
    },
  );

  it.each(SETTINGS)("$env refuses a control character and a blank at the end, in one line", ({ key, env, example }) => {
    for (const value of [`${example}\n`, `${example}\u0007`, `${example} `, ` ${example}`]) {
      const lines = problems({ ...besides(key), [env]: value });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(new RegExp(`^${env}[ =]`));
      expect(lines[0]).not.toMatch(/\p{Cc}/u);
    }
  });
});

describe("the defaults", () => {
  it("are these", () => {
    expect(load().config).toEqual({
      bucket: { scheme: "s3", bucket: "my-bucket", prefix: "amadeus" },
      graph: "amadeus/knowledge_graph.json",
      backups: "amadeus/backups",
      backupsPull: { kind: "all" },
      cwd: undefined,
      stateDir: undefined,
      interval: 60_000,
      watch: true,
      debounce: 500,
      grace: 10_000,
      startTimeout: 300_000,
      requestTimeout: 15_000,
      connectTimeout: 3_000,
      finalTimeout: 300_000,
      quiesce: 2_000,
      validate: "auto",
      validateCmd: undefined,
      allowShrink: false,
      onInvalidRemote: "refuse",
      onUnreachable: "refuse",
      onLocalBusy: "wait",
      firstBoot: "allow",
      history: 24,
      unsafeStore: "refuse",
      backupsLimit: 100_000,
      onConflict: "newest",
      mergeKeys: {},
      onRemoteChange: { kind: "ignore" },
      lease: false,
      leaseTtl: 30_000,
      onLeaseBusy: "wait",
      readyWhen: "serving",
      childEnv: "inherit",
      stopSignals: [15, 2, 3],
      signalMap: new Map(),
      terminationLog: "/dev/termination-log",
      logLevel: "info",
      logFormat: "auto",
      hookAfterPull: undefined,
      hookBeforePush: undefined,
      hookOnConflict: undefined,
      hookOnUnsynced: undefined,
      hookTimeout: 10_000,
      heartbeatUrl: undefined,
      webhookUrl: undefined,
      s3AccessKeyId: undefined,
      s3SecretAccessKey: undefined,
      s3SessionToken: undefined,
      s3Sse: undefined,
      s3SseKmsKeyId: undefined,
      s3PathStyle: "auto",
      s3Conditions: "auto",
      gitInterval: 60_000,
      gitAuthor: undefined,
      gitToken: undefined,
      gitUsername: "x-access-token",
    });
  });

  it("give 30s of grace in Kubernetes, and what was set wherever it was set", () => {
    const kubernetes = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
    expect(load(kubernetes).config.grace).toBe(30_000);
    expect(load({ ...kubernetes, KGSYNC_GRACE: "45s" }).config.grace).toBe(45_000);
    expect(load({ KUBERNETES_SERVICE_HOST: "" }).config.grace).toBe(10_000);
  });
});

describe("values", () => {
  it.each([
    ["KGSYNC_BUCKET", "s3://b-1", { scheme: "s3", bucket: "b-1", prefix: "" }],
    ["KGSYNC_BUCKET", "s3://b-1/", { scheme: "s3", bucket: "b-1", prefix: "" }],
    ["KGSYNC_BUCKET", "s3://b-1/a/b c%20/", { scheme: "s3", bucket: "b-1", prefix: "a/b c%20" }],
    ["KGSYNC_BUCKET", "s3://b-1/a@b", { scheme: "s3", bucket: "b-1", prefix: "a@b" }],
    ["KGSYNC_BUCKET", "az://con-1", { scheme: "az", container: "con-1", prefix: "" }],
    ["KGSYNC_BUCKET", "az://con/a/b c%20/", { scheme: "az", container: "con", prefix: "a/b c%20" }],
    ["KGSYNC_BUCKET", "gs://b-1", { scheme: "gs", bucket: "b-1", prefix: "" }],
    ["KGSYNC_BUCKET", "gs://b_1.example.org/a/b/", { scheme: "gs", bucket: "b_1.example.org", prefix: "a/b" }],
    ["KGSYNC_BUCKET", "file:///mnt/kg", { scheme: "file", path: "/mnt/kg" }],
    ["KGSYNC_BUCKET", "file:///mnt/my%20kg/", { scheme: "file", path: "/mnt/my kg" }],
    ["KGSYNC_BACKUPS", "", undefined],
    ["KGSYNC_TERMINATION_LOG", "", undefined],
    ["KGSYNC_BACKUPS_PULL", "latest:7", { kind: "latest", count: 7 }],
    ["KGSYNC_BACKUPS_PULL", "background", { kind: "background" }],
    ["KGSYNC_INTERVAL", "0", 0],
    ["KGSYNC_INTERVAL", "0s", 0],
    ["KGSYNC_DEBOUNCE", "0", 0],
    ["KGSYNC_GRACE", "1s", 1000],
    ["KGSYNC_WATCH", "off", false],
    ["KGSYNC_WATCH", "1", true],
    ["KGSYNC_ALLOW_SHRINK", "true", true],
    ["KGSYNC_ALLOW_SHRINK", "0", false],
    ["KGSYNC_HISTORY", "0", 0],
    ["KGSYNC_VALIDATE_CMD", "jq  -e .", ["jq", "-e", "."]],
    ["KGSYNC_VALIDATE_CMD", '["my check","-x"]', ["my check", "-x"]],
    ["KGSYNC_STOP_SIGNALS", "TERM,SIGHUP", [15, 1]],
    ["KGSYNC_ON_CONFLICT", "ours", "ours"],
    ["KGSYNC_ON_REMOTE_CHANGE", "restart", { kind: "restart" }],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal:HUP", { kind: "signal", signal: 1 }],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal:SIGUSR2", { kind: "signal", signal: 12 }],
    ["KGSYNC_LEASE", "on", true],
    ["KGSYNC_LEASE_TTL", "3s", 3000],
    ["KGSYNC_MERGE_KEYS", "/a=id", { "/a": ["id"] }],
    ["KGSYNC_MERGE_KEYS", "/a/*/b=x,y+z;/c=", { "/a/*/b": ["x", "y+z"], "/c": [] }],
    ["KGSYNC_MERGE_KEYS", "/a~1b/m~0n/my list=my key", { "/a~1b/m~0n/my list": ["my key"] }],
    ["KGSYNC_MERGE_KEYS", "/__proto__=id", { "/__proto__": ["id"] }],
    ["KGSYNC_S3_PATH_STYLE", "true", true],
    ["KGSYNC_S3_PATH_STYLE", "false", false],
  ])("%s=%s is %j", (env, text, value) => {
    const setting = SETTINGS.find((candidate) => candidate.env === env);
    expect(setting).toBeDefined();
    if (setting !== undefined) expect(load({ [env]: text }).config[setting.key]).toEqual(value);
  });

  it.each([
    ["KGSYNC_BUCKET", "my-bucket/amadeus", "s3://bucket/prefix"],
    ["KGSYNC_BUCKET", "s3://", "no valid bucket name"],
    ["KGSYNC_BUCKET", "s3:///x", "no valid bucket name"],
    ["KGSYNC_BUCKET", "s3://b_/a//c", "empty part"],
    ["KGSYNC_BUCKET", "s3://bb/../c", "`..`"],
    ["KGSYNC_BUCKET", "s3://bb/x?region=eu", "? or #"],
    ["KGSYNC_BUCKET", "file://mnt/x", "three slashes"],
    ["KGSYNC_BUCKET", "file:///", "root folder"],
    ["KGSYNC_BUCKET", "file:///a/../b", "`..`"],
    ["KGSYNC_BUCKET", "file:///a%zz", "hexadecimal"],
    ["KGSYNC_BUCKET", "file:///a%00b", "control character"],
    ["KGSYNC_BUCKET", "gs://b/x", "no valid bucket name after gs://"],
    ["KGSYNC_BUCKET", "gs://Upper/x", "no valid bucket name after gs://"],
    ["KGSYNC_BUCKET", "gs://bucket-/x", "no valid bucket name after gs://"],
    ["KGSYNC_BUCKET", "gs://bucket/a//b", "empty part"],
    ["KGSYNC_BUCKET", "az://b/x", "no valid container name"],
    ["KGSYNC_BUCKET", "az://Upper/x", "no valid container name"],
    ["KGSYNC_BUCKET", "az://two--dashes", "no valid container name"],
    ["KGSYNC_BUCKET", `az://${"x".repeat(64)}`, "no valid container name"],
    ["KGSYNC_BUCKET", "az://$root", "no valid container name"],
    ["KGSYNC_BUCKET", "az://container/a//b", "empty part"],
    ["KGSYNC_BUCKET", "az://container/a?sv=2026", "? or #"],
    ["KGSYNC_BUCKET", "git+ftp://host/x", "not a bucket's URL"],
    ["KGSYNC_BUCKET", "constructor://host/x", "not a bucket's URL"],
    ["KGSYNC_BUCKET", "S3://b/x", "accepted form"],
    ["KGSYNC_BACKUPS_PULL", "latest:0", "latest:N"],
    ["KGSYNC_BACKUPS_PULL", "latest", "latest:N"],
    ["KGSYNC_GRACE", "999ms", "shorter than 1s"],
    ["KGSYNC_GRACE", "0", "shorter than 1s"],
    ["KGSYNC_GRACE", "10", "30s"],
    ["KGSYNC_GRACE", "1000h", "too long"],
    ["KGSYNC_REQUEST_TIMEOUT", "0", "shorter than"],
    ["KGSYNC_INTERVAL", "off", "or 0 (off)"],
    ["KGSYNC_WATCH", "yes", "on | off"],
    ["KGSYNC_ALLOW_SHRINK", "on", "true | false | 1 | 0"],
    ["KGSYNC_ALLOW_SHRINK", "TRUE", "true | false | 1 | 0"],
    ["KGSYNC_VALIDATE", "Json", "auto | json | amadeus"],
    ["KGSYNC_HISTORY", "-1", "from 0 to 10000"],
    ["KGSYNC_HISTORY", "10001", "out of range"],
    ["KGSYNC_BACKUPS_LIMIT", "0", "out of range"],
    ["KGSYNC_VALIDATE_CMD", '["a", 1]', "array of texts"],
    ["KGSYNC_VALIDATE_CMD", '["a"', "array of texts"],
    ["KGSYNC_VALIDATE_CMD", "[]", "names no program"],
    ["KGSYNC_STOP_SIGNALS", "KILL", "cannot mean stop"],
    ["KGSYNC_STOP_SIGNALS", "SIGCHLD", "cannot mean stop"],
    ["KGSYNC_STOP_SIGNALS", "15", "names separated by commas"],
    ["KGSYNC_STOP_SIGNALS", "TERM,SIGTERM", "twice"],
    ["KGSYNC_STOP_SIGNALS", "TERM;INT", "commas"],
    ["KGSYNC_S3_SSE", "aes256", "AES256"],
    ["KGSYNC_ON_CONFLICT", "Newest", "newest | ours | theirs"],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal", "signal:NAME"],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal:", "signal:NAME"],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal:1", "signal:NAME"],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal:KILL", "no program can take"],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal:STOP", "no program can take"],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal:CHLD", "no program can take"],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal:SEGV", "no program can take"],
    ["KGSYNC_ON_REMOTE_CHANGE", "signal:RELOAD", "no program can take"],
    ["KGSYNC_LEASE", "yes", "on | off"],
    ["KGSYNC_LEASE_TTL", "2s", "shorter than 3s"],
    ["KGSYNC_LEASE_TTL", "0", "shorter than 3s"],
    ["KGSYNC_ON_LEASE_BUSY", "readwrite", "wait | fail | readonly | merge"],
    ["KGSYNC_READY_WHEN", "ready", "serving | standby"],
    ["KGSYNC_MERGE_KEYS", "items=sku", "accepted form"],
    ["KGSYNC_MERGE_KEYS", "/items", "accepted form"],
    ["KGSYNC_MERGE_KEYS", "/items=sku;", "not /list=key"],
    ["KGSYNC_MERGE_KEYS", "/items=sku;lines=id", "not /list=key"],
    ["KGSYNC_MERGE_KEYS", "/items//x=sku", "not /list=key"],
    ["KGSYNC_MERGE_KEYS", "/items=sku,", "not /list=key"],
    ["KGSYNC_MERGE_KEYS", "/items=sku=id", "not /list=key"],
    ["KGSYNC_MERGE_KEYS", "/items=sku, id", "blank beside a separator"],
    ["KGSYNC_MERGE_KEYS", "/items=sku; /lines=id", "blank beside a separator"],
    ["KGSYNC_MERGE_KEYS", "/it~2ems=sku", "~ that is not"],
    ["KGSYNC_MERGE_KEYS", "/items=sku;/items=id", "names a list twice"],
  ])("%s=%s is refused: %s", (env, text, why) => {
    const lines = problems({ [env]: text });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${env}=${text.includes(" ") || text.includes('"') ? JSON.stringify(text) : text} `);
    expect(lines[0]).toContain(why);
    expect(lines[0]).toContain("accepted: ");
  });

  it("shortens a long value", () => {
    expect(problems({ KGSYNC_GRACE: "x".repeat(10_000) }).join().length).toBeLessThan(300);
  });

  it("masks credentials in a bucket's URL, also where a slash stands in the password", () => {
    for (const url of ["s3://AKIA:pass-word@b/x", "https://user:pass-word@host/x", "s3://AKIA:a/pass-word@b/x"]) {
      const lines = problems({ KGSYNC_BUCKET: url });
      expect(lines.join()).not.toContain("pass-word");
      expect(lines.join()).toContain("***@");
    }
  });
});

describe("all problems at once", () => {
  it("one a line, each with its name, as config-invalid (78)", () => {
    const error = refusal(
      {
        KGSYNC_BUKCET: "s3://b/x",
        KGSYNC_GRACE: "10",
        KGSYNC_WATCH: "maybe",
        KGSYNC_S3_ACCESS_KEY_ID: "id",
        KGSYNC_S3_SSE_KMS_KEY_ID: "key",
      },
      { interval: "often" },
    );
    expect([error.code, error.exit]).toEqual(["config-invalid", 78]);
    const [title, ...lines] = error.message.split("\n");
    expect(title).toBe("The configuration has 7 problems:");
    expect(lines.map((text) => text.trim().split(/[ =:]/)[0])).toEqual([
      "KGSYNC_BUCKET",
      "--interval",
      "KGSYNC_WATCH",
      "KGSYNC_GRACE",
      "KGSYNC_S3_ACCESS_KEY_ID",
      "KGSYNC_S3_SSE_KMS_KEY_ID",
      "KGSYNC_BUKCET",
    ]);
  });

  it("finds every one of any set of bad values", () => {
    const bad = SETTINGS.filter(({ secret }) => secret !== true);
    fc.assert(
      fc.property(fc.subarray(bad, { minLength: 1 }), (chosen) => {
        const lines = problems(Object.fromEntries(chosen.map(({ env }) => [env, "\u0001"])));
        for (const { env } of chosen) expect(lines.filter((text) => text.startsWith(`${env}=`))).toHaveLength(1);
      }),
    );
  });
});

describe("settings that do not go together", () => {
  it.each([
    [{ KGSYNC_S3_ACCESS_KEY_ID: "id" }, "without KGSYNC_S3_SECRET_ACCESS_KEY"],
    [{ KGSYNC_S3_SECRET_ACCESS_KEY: "x" }, "without KGSYNC_S3_ACCESS_KEY_ID"],
    [{ KGSYNC_S3_SESSION_TOKEN: "x" }, "without the key that it belongs to"],
    [{ KGSYNC_S3_SSE_KMS_KEY_ID: "x" }, "needs KGSYNC_S3_SSE=aws:kms"],
    [{ KGSYNC_S3_SSE_KMS_KEY_ID: "x", KGSYNC_S3_SSE: "AES256" }, "needs KGSYNC_S3_SSE=aws:kms"],
    [{ KGSYNC_GRAPH: "data/g.json", KGSYNC_BACKUPS: "data" }, "KGSYNC_GRAPH lies in KGSYNC_BACKUPS"],
    [{ KGSYNC_GRAPH: "data/g.json", KGSYNC_BACKUPS: "./data//g.json/" }, "KGSYNC_GRAPH lies in KGSYNC_BACKUPS"],
    [{ KGSYNC_GRAPH: "/d/g.json", KGSYNC_BACKUPS: "/" }, "KGSYNC_GRAPH lies in KGSYNC_BACKUPS"],
    [{ KGSYNC_GRAPH: "g.json", KGSYNC_BACKUPS: "." }, "KGSYNC_GRAPH lies in KGSYNC_BACKUPS"],
    [{ KGSYNC_STATE_DIR: "amadeus/backups/.k" }, "KGSYNC_STATE_DIR lies in KGSYNC_BACKUPS"],
    [{ KGSYNC_STATE_DIR: "s", KGSYNC_BACKUPS: "s/b" }, "KGSYNC_BACKUPS lies in KGSYNC_STATE_DIR"],
    [{ KGSYNC_STATE_DIR: "s", KGSYNC_GRAPH: "s/g" }, "KGSYNC_GRAPH lies in KGSYNC_STATE_DIR"],
    [{ KGSYNC_ON_REMOTE_CHANGE: "restart", KGSYNC_INTERVAL: "0" }, "needs KGSYNC_INTERVAL"],
    [{ KGSYNC_ON_REMOTE_CHANGE: "signal:HUP", KGSYNC_INTERVAL: "0s" }, "needs KGSYNC_INTERVAL"],
  ])("%j: %s", (env, why) => {
    expect(problems(env)).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    { KGSYNC_S3_SSE_KMS_KEY_ID: "x", KGSYNC_S3_SSE: "aws:kms" },
    { KGSYNC_S3_ACCESS_KEY_ID: "id", KGSYNC_S3_SECRET_ACCESS_KEY: "x", KGSYNC_S3_SESSION_TOKEN: "t" },
    { KGSYNC_GRAPH: "data.json", KGSYNC_BACKUPS: "data" },
    { KGSYNC_GRAPH: "/app/g.json", KGSYNC_BACKUPS: "." },
    { KGSYNC_GRAPH: "../g.json", KGSYNC_BACKUPS: "." },
    { KGSYNC_GRAPH: "data/g.json", KGSYNC_BACKUPS: "" },
    { KGSYNC_ON_REMOTE_CHANGE: "ignore", KGSYNC_INTERVAL: "0" },
    { KGSYNC_ON_REMOTE_CHANGE: "restart", KGSYNC_INTERVAL: "1s" },
  ])("accepts %j", (env) => {
    expect(load(env).config).toBeDefined();
  });

  it("does not say that a malformed value is missing", () => {
    expect(problems({ KGSYNC_S3_SSE_KMS_KEY_ID: "x", KGSYNC_S3_SSE: "kms" })).toHaveLength(1);
    expect(problems({ KGSYNC_S3_ACCESS_KEY_ID: "id ", KGSYNC_S3_SECRET_ACCESS_KEY: "x" })).toHaveLength(1);
  });
});

describe("precedence", () => {
  it("is flag, environment, default", () => {
    expect(load().sources.interval).toEqual({ from: "default" });
    const env = load({ KGSYNC_INTERVAL: "5s" });
    expect([env.config.interval, env.sources.interval]).toEqual([5000, { from: "env", name: "KGSYNC_INTERVAL" }]);
    const flag = load({ KGSYNC_INTERVAL: "nonsense" }, { interval: "7s" });
    expect([flag.config.interval, flag.sources.interval]).toEqual([7000, { from: "flag", name: "--interval" }]);
  });
});

describe("secrets", () => {
  const files = (texts: Readonly<Record<string, string>>) => (path: string) => texts[path] ?? noFiles(path);
  const id = { KGSYNC_S3_ACCESS_KEY_ID: "id" };

  it.each([
    ["plain", "plain"],
    ["one newline\n", "one newline"],
    ["of Windows\r\n", "of Windows"],
  ])("come from a file: %j", (text, value) => {
    const loaded = load({ ...id, KGSYNC_S3_SECRET_ACCESS_KEY_FILE: "/run/s" }, {}, files({ "/run/s": text }));
    expect(loaded.config.s3SecretAccessKey).toBe(value);
    expect(loaded.sources.s3SecretAccessKey).toEqual({
      from: "file",
      name: "KGSYNC_S3_SECRET_ACCESS_KEY_FILE",
      path: "/run/s",
    });
  });

  it("lose one newline at the end, not two", () => {
    const lines = problems({ ...id, KGSYNC_S3_SECRET_ACCESS_KEY_FILE: "/run/s" }, {}, files({ "/run/s": "x\n\n" }));
    expect(lines).toEqual([expect.stringContaining("KGSYNC_S3_SECRET_ACCESS_KEY_FILE («set, 2 characters»)")]);
  });

  it("are refused when the file cannot be read, is empty, or the value is given twice", () => {
    const key = "KGSYNC_S3_SECRET_ACCESS_KEY";
    expect(problems({ ...id, [`${key}_FILE`]: "/run/none" })).toEqual([
      `${key}_FILE=/run/none cannot be read (ENOENT)`,
    ]);
    expect(problems({ ...id, [`${key}_FILE`]: "" })).toEqual([expect.stringContaining("is empty")]);
    const empty = problems({ ...id, [`${key}_FILE`]: "/run/s" }, {}, files({ "/run/s": "\n" }));
    expect(empty).toEqual([expect.stringContaining("is empty")]);
    const both = problems({ ...id, [key]: "a", [`${key}_FILE`]: "/run/s" }, {}, files({ "/run/s": "b" }));
    expect(both).toEqual([`${key} and ${key}_FILE are both set; accepted: one of them`]);
  });

  it("never stand in a message or among the values, however wrong the rest is", () => {
    const planted = fc.stringMatching(/^[a-z0-9]{16}$/).map((text) => `q9${text}`);
    const around = fc.constantFrom("", " ", "\n", "\u0000", "\n\n");
    const noise = fc.constantFrom({}, { KGSYNC_GRACE: "?" }, { KGSYNC_NONSENSE: "x" }, { KGSYNC_BUCKET: "" });
    fc.assert(
      fc.property(
        fc.subarray(secrets, { minLength: 1 }),
        planted,
        around,
        fc.boolean(),
        noise,
        (chosen, text, end, file, other) => {
          const env = Object.fromEntries(
            chosen.map(({ env: name }) => (file ? [`${name}_FILE`, "/run/s"] : [name, `${text}${end}`])),
          );
          const misspelt = Object.fromEntries(chosen.map(({ env: name }) => [`${name}X`, text]));
          for (const all of [env, { ...env, ...other }, { ...env, ...misspelt }]) {
            try {
              const loaded = loadConfig({ ...BUCKET, ...all }, {}, () => `${text}${end}`);
              expect(JSON.stringify([loaded.values, loaded.sources, loaded.warnings])).not.toContain(text);
            } catch (thrown) {
              expect(thrown).toBeInstanceOf(KgsyncError);
              if (thrown instanceof KgsyncError)
                expect(`${thrown.message}${thrown.hint}${thrown.stack}`).not.toContain(text);
            }
          }
        },
      ),
    );
  });
});

describe("warnings", () => {
  it.each(["s3://bucket/p", "file:///b", "az://container/p", "gs://bucket/p", "git+file:///r#main"])(
    "%s alone is no ground for one",
    (url) => {
      expect(load({ KGSYNC_BUCKET: url }).warnings).toEqual([]);
    },
  );

  it("says when create-only is asked for where it means nothing", () => {
    const env = { KGSYNC_BUCKET: "file:///b", KGSYNC_S3_CONDITIONS: "create-only" };
    expect(load(env).warnings).toEqual([expect.stringContaining("KGSYNC_S3_* settings have no effect")]);
  });

  it.each([
    [{}, 0],
    [{ KGSYNC_UNSAFE_STORE: "allow" }, 1],
    [{ KGSYNC_ALLOW_SHRINK: "true" }, 1],
    [{ KGSYNC_INTERVAL: "0" }, 1],
    [{ KGSYNC_INTERVAL: "0", KGSYNC_WATCH: "off" }, 1],
    [{ KGSYNC_WATCH: "off" }, 0],
    [{ KGSYNC_BUCKET: "file:///b", KGSYNC_S3_SSE: "AES256" }, 1],
    [{ KGSYNC_S3_SSE: "AES256" }, 0],
    [{ KGSYNC_LEASE_TTL: "31s", KGSYNC_ON_LEASE_BUSY: "fail" }, 1],
    [{ KGSYNC_LEASE_TTL: "30s", KGSYNC_ON_LEASE_BUSY: "wait", KGSYNC_READY_WHEN: "serving" }, 0],
    [{ KGSYNC_READY_WHEN: "standby", KGSYNC_LEASE: "off" }, 1],
    [{ KGSYNC_LEASE: "on", KGSYNC_LEASE_TTL: "1m", KGSYNC_ON_LEASE_BUSY: "fail", KGSYNC_READY_WHEN: "standby" }, 0],
  ])("for %j: %d", (env, count) => {
    expect(load(env).warnings).toHaveLength(count);
  });
});
