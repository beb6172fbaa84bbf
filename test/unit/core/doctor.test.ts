import { describe, expect, it } from "vitest";
import { judgeAzCredentials } from "../../../src/core/doctor/judge-az-credentials.ts";
import { judgeCredentials } from "../../../src/core/doctor/judge-credentials.ts";
import { type CwdFacts, judgeCwd } from "../../../src/core/doctor/judge-cwd.ts";
import { type GitCredentialFacts, judgeGitCredentials } from "../../../src/core/doctor/judge-git-credentials.ts";
import { judgeGrace } from "../../../src/core/doctor/judge-grace.ts";
import { judgeNetwork } from "../../../src/core/doctor/judge-network.ts";
import { judgePlace, type PlaceFacts } from "../../../src/core/doctor/judge-place.ts";
import { judgeRuntime } from "../../../src/core/doctor/judge-runtime.ts";
import { judgeSkew } from "../../../src/core/doctor/judge-skew.ts";
import { mountOf, parseMounts } from "../../../src/core/doctor/mount-table.ts";

const TABLE = `
22 1 8:1 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/l
23 22 0:5 / /app/am\\040adeus rw - nfs4 server:/x rw,vers=4.2
24 22 0:6 / /ro ro,nosuid - ext4 /dev/sdb rw
25 22 0:7 / /super rw master:2 - ext4 /dev/sdc ro
26 22 0:8 / /tmp rw - tmpfs tmpfs rw
27 26 0:9 / /tmp rw - ext4 /dev/sdd rw
nonsense
`;

describe("the mount table", () => {
  const mounts = parseMounts(TABLE);

  it("has a point, a type and the mode of each line that is one", () => {
    expect(mounts).toHaveLength(6);
    expect(mounts[1]).toEqual({ point: "/app/am adeus", type: "nfs4", source: "server:/x", readOnly: false });
  });

  it.each([
    ["/etc/x", "/", "overlay", false],
    ["/app/am adeus", "/app/am adeus", "nfs4", false],
    ["/app/am adeus/graph.json", "/app/am adeus", "nfs4", false],
    ["/app/am adeusX/graph.json", "/", "overlay", false],
    ["/ro/a", "/ro", "ext4", true],
    ["/super/a", "/super", "ext4", true],
    ["/tmp/a", "/tmp", "ext4", false],
  ])("%s lies on %s (%s)", (path, point, type, readOnly) => {
    expect(mountOf(mounts, path)).toMatchObject({ point, type, readOnly });
  });
});

describe("a place", () => {
  const fit: PlaceFacts = {
    name: "graph",
    setting: "KGSYNC_GRAPH",
    path: "/data/graph.json",
    mount: { point: "/data", type: "ext4", source: "/dev/vda", readOnly: false },
    singleFile: false,
    unwritable: undefined,
    free: 1e9,
  };
  const on = (type: string, readOnly = false): Partial<PlaceFacts> => ({
    mount: { point: "/data", type, source: "somewhere", readOnly },
  });

  it.each<[string, Partial<PlaceFacts>, string, string]>([
    ["a disk", {}, "ok", "/data/graph.json on ext4 at /data"],
    ["the container's layer", on("overlay"), "ok", "gone with it"],
    ["nothing known", { mount: undefined, free: undefined }, "ok", "/data/graph.json"],
    ["read-only", on("ext4", true), "problem", "read-only"],
    ["not ours", { unwritable: "EACCES" }, "problem", "EACCES"],
    ["a single file", { singleFile: true }, "warning", "single file"],
    ["nearly full", { free: 63.9 * 1024 * 1024 }, "warning", "63 MiB left"],
    ["just enough", { free: 64 * 1024 * 1024 }, "ok", "ext4"],
    ["in memory", on("tmpfs"), "warning", "in memory"],
    ["NFS", on("nfs4"), "warning", "network file system"],
    ["FUSE", on("fuse.sshfs"), "warning", "network file system"],
    ["the bucket on NFS", { ...on("nfs4"), name: "bucket" }, "ok", "nfs4"],
  ])("%s", (_, facts, status, words) => {
    const found = judgePlace({ ...fit, ...facts });
    expect([found.status, found.saw]).toEqual([status, expect.stringContaining(words)]);
    expect(found.code).toBe(status === "problem" ? "disk" : undefined);
    expect(found.advice !== undefined).toBe(status !== "ok");
  });
});

describe("the grace", () => {
  it.each([
    ["kubernetes", 30_000, "ok"],
    ["kubernetes", 30_001, "warning"],
    ["container", 10_000, "ok"],
    ["container", 45_000, "warning"],
    ["host", 3_600_000, "ok"],
  ] as const)("%s with %d ms: %s", (platform, graceMs, status) => {
    expect(judgeGrace({ graceMs, chosen: true, platform }).status).toBe(status);
  });

  it("says how it is split, and what nobody chose", () => {
    const { saw } = judgeGrace({ graceMs: 10_000, chosen: false, platform: "container" });
    expect(saw).toMatch(/^10s, assumed: the app has 7\.5s to stop, the last push 2s/);
  });
});

describe("the credentials", () => {
  const KEY = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "a-secret-of-some-length" };
  const sawOf = (env: Readonly<Record<string, string>>, files: readonly string[] = []) =>
    judgeCredentials({ env, own: undefined, childEnv: "inherit", readable: [], files, lengths: {} })[0];

  it.each([
    [KEY, [], "the environment: AWS_ACCESS_KEY_ID"],
    [{ ...KEY, AWS_SESSION_TOKEN: "t" }, ["/f"], "with a session token"],
    [{ ...KEY, AWS_PROFILE: "p" }, ["/f"], "the profile p (/f)"],
    [{ AWS_PROFILE: "p" }, [], "no file is there"],
    [{}, ["/home/u/.aws/config"], "the profile default"],
    [{ AWS_WEB_IDENTITY_TOKEN_FILE: "/t", AWS_ROLE_ARN: "arn:r" }, [], "web identity: the token in /t for arn:r"],
    [{ AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://x/?secret" }, [], "container's credentials endpoint"],
    [{}, [], "metadata service"],
    [{ AWS_EC2_METADATA_DISABLED: "true" }, [], "none are configured"],
  ])("%j", (env, files, words) => {
    const found = sawOf(env as Readonly<Record<string, string>>, files);
    expect(found?.saw).toContain(words);
    expect(JSON.stringify(found)).not.toMatch(/a-secret|\?secret/);
  });

  it("kgsync's own come first; a short one is told, not shown", () => {
    const facts = {
      env: KEY,
      childEnv: "clean" as const,
      readable: [],
      files: [],
      lengths: { AWS_SECRET_ACCESS_KEY: 7, KGSYNC_S3_SECRET_ACCESS_KEY: 8 },
    };
    const [source, child, ...short] = judgeCredentials({ ...facts, own: { from: "file", path: "/run/id" } });
    expect(source?.saw).toBe("kgsync's own key, from the file /run/id");
    expect(child).toMatchObject({ check: "credentials.child", status: "ok", saw: expect.stringContaining("clean") });
    expect(short.map(({ status, saw }) => [status, saw.split(" ")[0]])).toEqual([["warning", "AWS_SECRET_ACCESS_KEY"]]);
  });
});

describe("the credentials for Azure", () => {
  const ACCOUNT = { AZURE_STORAGE_ACCOUNT: "account" };
  const POD = { AZURE_CLIENT_ID: "app-id", AZURE_TENANT_ID: "t" };
  const TOKEN = { ...POD, AZURE_FEDERATED_TOKEN_FILE: "/t" };
  it.each([
    [{}, "no storage account is named"],
    [{ AZURE_STORAGE_CONNECTION_STRING: "a-secret", ...ACCOUNT }, "the connection string in"],
    [{ ...ACCOUNT, AZURE_STORAGE_KEY: "a-secret", AZURE_STORAGE_SAS_TOKEN: "a-secret" }, "the account's key"],
    [{ ...ACCOUNT, AZURE_STORAGE_SAS_TOKEN: "a-secret" }, "the SAS"],
    [{ ...ACCOUNT, ...TOKEN }, "workload identity: the token in /t for app-id"],
    [{ ...ACCOUNT, ...POD, AZURE_CLIENT_SECRET: "a-secret" }, "the application app-id"],
    [{ ...ACCOUNT, AZURE_CLIENT_ID: "app-id" }, "the managed identity app-id"],
    [{ AZURE_STORAGE_SERVICE_ENDPOINT: "https://x" }, "the managed identity of this machine or pod"],
  ])("%j", (env: Readonly<Record<string, string>>, words) => {
    const found = judgeAzCredentials({ env, childEnv: "inherit", readable: [], lengths: {} });
    expect(found[0]?.saw).toContain(words);
    expect(found[0]?.status).toBe(Object.keys(env).length === 0 ? "problem" : "ok");
    expect(JSON.stringify(found)).not.toContain("a-secret");
  });
});

describe("credentials of a Git repository", () => {
  const judge = (remote: string, facts: Partial<GitCredentialFacts> = {}) => {
    const nothing = { env: {}, own: undefined, files: [], childEnv: "inherit", readable: [], lengths: {} } as const;
    return judgeGitCredentials({ ...nothing, remote, ...facts })[0];
  };
  const [https, ssh] = ["https://host/x.git", "ssh://git@host/x.git"];

  it.each([
    [judge("file:///srv/x.git"), "ok", "none are needed"],
    [judge(https, { own: { from: "file", path: "/run/secrets/t" } }), "ok", "the file /run/secrets/t"],
    [judge(https, { own: { from: "env" } }), "ok", "KGSYNC_GIT_TOKEN"],
    [judge(https, { env: { GIT_ASKPASS: "/ask" }, files: ["/home/me/.netrc"] }), "ok", "GIT_ASKPASS, /home/me/.netrc"],
    [judge(ssh, { env: { SSH_AUTH_SOCK: "/agent" }, own: { from: "env" } }), "ok", "SSH_AUTH_SOCK"],
    [judge(ssh, { own: { from: "env" } }), "warning", "none are in sight"],
    [judge(https), "warning", "none are in sight"],
  ])("%j", (found, status, words) => {
    expect(found).toMatchObject({ status, saw: expect.stringContaining(words) });
  });
});

describe("what the app can see of the credentials", () => {
  const judge = (childEnv: "inherit" | "clean", readable: readonly string[]) =>
    judgeCredentials({ env: {}, own: undefined, childEnv, readable, files: [], lengths: {} })[1];

  it.each([
    ["inherit", ["/proc/1/environ"], "ok", "has them too"],
    ["clean", [], "ok", "no program of this user can read kgsync's"],
    ["clean", ["/proc/self/environ", "/proc/1/environ"], "warning", "can read /proc/self/environ and /proc/1/environ"],
  ] as const)("%s, readable: %j", (childEnv, readable, status, words) => {
    expect(judge(childEnv, readable)).toMatchObject({ status, saw: expect.stringContaining(words) });
  });
});

describe("the network", () => {
  const judge = (endpoint: string | undefined, env: Readonly<Record<string, string>> = {}, nodeKnowsProxies = true) =>
    judgeNetwork({ service: "AWS", caVariable: "AWS_CA_BUNDLE", endpoint, env, nodeKnowsProxies }).map(
      ({ status, saw }) => `${status}: ${saw}`,
    );

  it.each([
    [undefined, {}, /^ok: AWS: by TLS/],
    ["https://u:p@s3.example/", {}, /^ok: https:\/\/s3\.example: by TLS/],
    ["http://s3.example:9000", {}, /^warning: http:\/\/s3\.example:9000: without TLS/],
    ["http://127.0.0.1:9000", {}, /^ok: /],
    ["https://s3.example", { NODE_TLS_REJECT_UNAUTHORIZED: "0" }, /^warning: /],
    ["https://s3.example", { AWS_CA_BUNDLE: "/ca.pem" }, /authorities in \/ca\.pem$/],
  ])("TLS to %s", (endpoint, env, expected) => {
    expect(judge(endpoint, env as Readonly<Record<string, string>>)[0]).toMatch(expected);
  });

  it("the proxy without its user, by the endpoint's scheme, and whether this Node can use it", () => {
    const env = { HTTPS_PROXY: "http://user:pass@proxy:3128/", NO_PROXY: "localhost" };
    expect(judge(undefined, env)[1]).toBe("ok: HTTPS_PROXY is http://proxy:3128, NO_PROXY is localhost");
    expect(judge("http://s3", env)[1]).toBe("ok: none");
    expect(judge("http://s3", { http_proxy: "http://p:1" })[1]).toBe("ok: HTTP_PROXY is http://p:1");
    expect(judge(undefined, env, false)[1]).toMatch(/^warning: .*cannot use it$/);
    expect(judge(undefined, { HTTPS_PROXY: "user:pass" })[1]).not.toContain("pass");
  });
});

describe("the clocks", () => {
  const HOUR = 3_600_000;
  it.each([
    ["within the write", 500, "ok"],
    ["a second that was cut off", -999, "ok"],
    ["a little ahead", 5_000, "ok"],
    ["ahead", 7_000, "warning"],
    ["behind", -7_000, "warning"],
    ["hours away", 3 * HOUR, "problem"],
    ["hours behind", -3 * HOUR, "problem"],
  ])("the server %s: %s", (_, offset, status) => {
    const before = 10 * HOUR;
    expect(judgeSkew({ before, after: before + 1000, written: before + offset }).status).toBe(status);
  });

  it("which side is ahead, in words", () => {
    expect(judgeSkew({ before: 0, after: 0, written: 60_000 }).saw).toContain("60 s behind");
    expect(judgeSkew({ before: 61_000, after: 61_000, written: 0 }).saw).toContain("60 s ahead of");
    expect(judgeSkew({ before: 0, after: 0, written: undefined }).status).toBe("warning");
  });
});

describe("the runtime", () => {
  it.each([
    ["v22.14.9", "container", "tini", "/usr/bin/tini", ["problem", "ok"]],
    ["v22.15.0", "container", "tini", "/usr/bin/tini", ["ok", "ok"]],
    ["v24.1.0", "container", "node", undefined, ["ok", "warning"]],
    ["v24.1.0", "container", undefined, undefined, ["ok", "warning"]],
    ["v24.1.0", "container", "docker-init", undefined, ["ok", "ok"]],
    ["v24.1.0", "host", "systemd", undefined, ["ok", "ok"]],
    ["unheard-of", "host", "systemd", undefined, ["problem", "ok"]],
  ] as const)("%s in a %s under %s, tini %s", (node, platform, init, tini, statuses) => {
    expect(judgeRuntime({ node, platform, init, tini }).map(({ status }) => status)).toEqual(statuses);
  });
});

describe("the working directory", () => {
  const fit: CwdFacts = {
    cwd: "/",
    cwdThere: true,
    configured: "amadeus/knowledge_graph.json",
    graph: "/amadeus/knowledge_graph.json",
    graphThere: true,
    mounts: [],
    stray: undefined,
  };
  const mounts = (...points: readonly string[]): Partial<CwdFacts> => ({
    mounts: points.map((point) => ({ point, type: "ext4", source: "x", readOnly: false })),
  });

  it.each<[string, Partial<CwdFacts>, string, string]>([
    ["as it should be", {}, "ok", "the graph is /amadeus/knowledge_graph.json"],
    ["a first start", { graphThere: false }, "ok", "not there yet"],
    ["no such folder", { cwdThere: false }, "problem", "is not a folder"],
    ["a process elsewhere", { stray: { pid: 7, path: "/app/amadeus/knowledge_graph.json" } }, "warning", "process 7"],
    ["the folder mounted for another cwd", mounts("/", "/app/amadeus"), "warning", "mounted at /app/amadeus"],
    ["the file mounted for another cwd", mounts("/app/amadeus/knowledge_graph.json"), "warning", "mounted at /app"],
    ["mounted where it should be", mounts("/amadeus"), "ok", "the graph is"],
    ["another name", mounts("/app/xamadeus"), "ok", "the graph is"],
    ["an absolute path", { ...mounts("/app/amadeus"), configured: "/amadeus/knowledge_graph.json" }, "ok", "graph is"],
    [
      "beside the cwd",
      { ...mounts("/app/state.json"), configured: "./state.json", graph: "/state.json" },
      "warning",
      "/app",
    ],
  ])("%s", (_, facts, status, words) => {
    expect(judgeCwd({ ...fit, ...facts })).toMatchObject({ status, saw: expect.stringContaining(words) });
  });
});
