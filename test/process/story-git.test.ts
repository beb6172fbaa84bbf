import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type GitServer, git, initBare, startGitServer } from "../support/git-server.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

const TOKEN = "a-token-of-a-test";

type Env = Readonly<Record<string, string>>;
type Place = ReturnType<typeof createStoryPlace>;

const gitEnv = (url: string): Env => ({
  KGSYNC_BUCKET: `git+${url}/state.git#main`,
  KGSYNC_GIT_INTERVAL: "0",
  GIT_CONFIG_NOSYSTEM: "1",
});

/** A place whose bucket is a repository below its folder. */
const createGitPlace = () => {
  const place = createStoryPlace(bin);
  const bare = initBare(place.root);
  const env = gitEnv(`file://${place.root}`);
  return {
    place,
    bare,
    env,
    /** The graph on the branch. */
    remote: (): string => git(bare, "show", "main:knowledge_graph.json"),
    subjects: (): readonly string[] => git(bare, "log", "--format=%s", "main").split("\n"),
    /** What a person does: clone, edit, commit, push. */
    commit: (text: string, message: string): void => {
      git(place.root, "clone", "--quiet", bare, "clone");
      const clone = join(place.root, "clone");
      writeFileSync(join(clone, "knowledge_graph.json"), text);
      git(clone, "commit", "--quiet", "--all", "--message", message);
      git(clone, "push", "--quiet");
    },
  };
};

const withServer = async ({ root }: Place): Promise<{ readonly server: GitServer; readonly env: Env }> => {
  const server = await startGitServer(root, TOKEN);
  onTestFinished(server.close);
  return { server, env: { ...gitEnv(server.url), KGSYNC_GIT_TOKEN: TOKEN } };
};

const services = (text: string | undefined): readonly string[] => Object.keys(JSON.parse(text ?? "{}").services).sort();

const saved = (...names: readonly string[]) => ({ save: graphOf(...names) });

test("over HTTP with a token: a life, a second one, and each push a commit that says what it brought", async () => {
  const { place, remote, subjects, bare } = createGitPlace();
  const { env } = await withServer(place);
  const first = place.run(saved("one"), { ...env, KGSYNC_GIT_AUTHOR: "The App <app@example.com>" });
  await first.waitForEvent("push.stored");
  first.say(JSON.stringify(saved("one", "two", "three")));
  await first.waitForEvent("push.stored", 2);
  first.signal("SIGTERM");
  expect(await first.ended).toEqual({ code: 143, signal: null });
  expect(remote()).toBe(graphOf("one", "two", "three"));
  expect(subjects()).toEqual(["kgsync: 2 services added", "kgsync: knowledge_graph.json added"]);
  expect(git(bare, "log", "-1", "--format=%an <%ae>%n%b", "main")).toMatch(
    /^The App <app@example.com>\n~ knowledge_graph.json\n {2}\+ services: two\n {2}\+ services: three\n.*\nKgsync-Writer: /s,
  );
  expect(`${first.err()}${first.out()}`).not.toContain(TOKEN);

  const elsewhere = createStoryPlace(bin);
  const second = elsewhere.run({}, env);
  await second.waitForLine(/app: ready/);
  expect(elsewhere.local()).toBe(graphOf("one", "two", "three"));
  second.signal("SIGTERM");
  expect(await second.ended).toEqual({ code: 143, signal: null });
  expect(subjects()).toHaveLength(2); // nothing was saved: no probe, no commit
});

test("a person's commit in between is merged, by meaning", async () => {
  const { place, env, remote, commit, subjects } = createGitPlace();
  const run = place.run(saved("one"), env);
  await run.waitForEvent("push.stored");
  commit(`${JSON.stringify(JSON.parse(graphOf("one", "person")), undefined, 2)}\n`, "a service by hand");
  run.say(JSON.stringify(saved("one", "app")));
  await run.waitForEvent("merge.done");
  await run.waitForEvent("push.stored", 2);
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
  expect(services(remote())).toEqual(["app", "one", "person"]);
  expect(services(place.local())).toEqual(["app", "one", "person"]);
  expect(subjects().slice(0, 2)).toEqual(["kgsync: 1 service added", "a service by hand"]);
});

test("two writers: both saves are in the branch, and on both disks at the end", async () => {
  const { place: one, env, remote } = createGitPlace();
  const two = createStoryPlace(bin);
  const first = one.run(saved("first"), env);
  await first.waitForEvent("push.stored");
  const second = two.run({}, env);
  await second.waitForLine(/app: ready/);
  first.say(JSON.stringify(saved("first", "one")));
  second.say(JSON.stringify(saved("first", "two")));
  await Promise.all([first.waitForEvent("push.stored", 2), second.waitForEvent("push.stored")]);
  for (const run of [first, second]) {
    run.signal("SIGTERM");
    expect(await run.ended).toEqual({ code: 143, signal: null });
  }
  expect(services(remote())).toEqual(["first", "one", "two"]);
});

test("backups that come together are few commits", async () => {
  const { place, env, bare, subjects } = createGitPlace();
  for (let n = 0; n < 100; n++) place.put(join(place.backups, `b${n}.json`), `{"n":${n}}`);
  place.setLocal(graphOf("one"));
  const push = place.start(["push"], env);
  expect(await push.ended).toEqual({ code: 0, signal: null });
  expect(git(bare, "ls-tree", "--name-only", "main", "backups/").split("\n")).toHaveLength(100);
  expect(subjects().length).toBeLessThanOrEqual(8);
  const elsewhere = createStoryPlace(bin);
  expect(await elsewhere.start(["pull"], env).ended).toEqual({ code: 0, signal: null });
  expect(elsewhere.filesBelow(elsewhere.backups)).toHaveLength(100);
});

test("pushes are KGSYNC_GIT_INTERVAL apart; the last one does not wait", async () => {
  const { place, env, subjects, remote } = createGitPlace();
  const run = place.run(saved("one"), { ...env, KGSYNC_GIT_INTERVAL: "1h", KGSYNC_INTERVAL: "100ms" });
  await run.waitForEvent("push.stored");
  run.say(JSON.stringify(saved("one", "two")));
  await run.waitForLine(/app: did save/);
  run.say(JSON.stringify(saved("one", "two", "three")));
  await run.waitForLine(/(app: did save\s.*){2}/s);
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
  expect(services(remote())).toEqual(["one", "three", "two"]);
  expect(subjects()).toEqual(["kgsync: 2 services added", "kgsync: knowledge_graph.json added"]);
});

test("an answer that was lost is looked for: one commit, and no warning", async () => {
  const { place, subjects } = createGitPlace();
  const { server, env } = await withServer(place);
  const run = place.run(saved("one"), env);
  await run.waitForEvent("push.stored");
  server.failNextPush("drop-answer");
  run.say(JSON.stringify(saved("one", "two")));
  await run.waitForEvent("push.stored", 2);
  server.failNextPush("drop-request");
  run.say(JSON.stringify(saved("one", "two", "three")));
  await run.waitForEvent("push.stored", 3);
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
  expect(server.pending()).toBe(0);
  expect(subjects()).toEqual([
    "kgsync: 1 service added",
    "kgsync: 1 service added",
    "kgsync: knowledge_graph.json added",
  ]);
});

test("credentials by git's own ways: a store of them in the home folder", async () => {
  const { place } = createGitPlace();
  const { server, env } = await withServer(place);
  const { KGSYNC_GIT_TOKEN: _, ...rest } = env;
  writeFileSync(join(place.root, ".gitconfig"), "[credential]\n\thelper = store\n");
  writeFileSync(join(place.root, ".git-credentials"), `${server.url.replace("://", `://name:${TOKEN}@`)}\n`);
  place.setLocal(graphOf("one"));
  expect(await place.start(["push"], rest).ended).toEqual({ code: 0, signal: null });
});

test("git+ssh: what git would run on the other side, and the user's own ssh command", async () => {
  const { place, bare, remote } = createGitPlace();
  // Stands for ssh: options, the host, and the command for the shell over there.
  const ssh = join(place.root, "ssh");
  writeFileSync(ssh, '#!/bin/sh\necho "$@" >> "$0.log"\nfor last; do :; done\nexec sh -c "$last"\n');
  chmodSync(ssh, 0o755);
  const env = { KGSYNC_BUCKET: `git+ssh://git@host${bare}#main`, GIT_SSH_COMMAND: ssh, GIT_CONFIG_NOSYSTEM: "1" };
  place.setLocal(graphOf("one"));
  expect(await place.start(["push"], env).ended).toEqual({ code: 0, signal: null });
  expect(remote()).toBe(graphOf("one"));
  expect(place.textAt(`${ssh}.log`)).toContain("git@host git-receive-pack");
});

test("a folder of a repository that others use too: nothing else in it is touched", async () => {
  const { place, bare, env } = createGitPlace();
  git(place.root, "clone", "--quiet", bare, "others");
  const others = join(place.root, "others");
  mkdirSync(join(others, "docs"));
  writeFileSync(join(others, "docs/readme.md"), "theirs\n");
  git(others, "add", ".");
  git(others, "commit", "--quiet", "--message", "theirs");
  git(others, "push", "--quiet", "origin", "HEAD:main");
  place.setLocal(graphOf("one"));
  const bucket = `${env["KGSYNC_BUCKET"]}:state/app`;
  expect(await place.start(["push"], { ...env, KGSYNC_BUCKET: bucket }).ended).toEqual({ code: 0, signal: null });
  expect(git(bare, "ls-tree", "-r", "--name-only", "main").split("\n")).toEqual([
    "docs/readme.md",
    "state/app/.kgsync/meta/knowledge_graph.json.json",
    "state/app/knowledge_graph.json",
  ]);
});

test.each([
  ["a wrong token", { KGSYNC_GIT_TOKEN: "another-token" }, 77, /Authentication failed/],
  ["no credentials", { KGSYNC_GIT_TOKEN: "" }, 77, /could not read Username/],
] as const)("%s: 77, and the app is not started", async (_, wrong, code, words) => {
  const { place } = createGitPlace();
  const { env } = await withServer(place);
  const given = Object.fromEntries(Object.entries({ ...env, ...wrong }).filter(([, value]) => value !== ""));
  const run = place.run({}, given);
  expect(await run.ended).toEqual({ code, signal: null });
  expect(run.err()).toMatch(words);
  expect(run.err()).toContain("KGSYNC_GIT_TOKEN");
  expect(place.marks()).toEqual([]);
});

test("a repository that is not there: 78; a host that does not answer: 69", async () => {
  const { place } = createGitPlace();
  const { server, env } = await withServer(place);
  const missing = place.run({}, { ...env, KGSYNC_BUCKET: `git+${server.url}/absent.git` });
  expect(await missing.ended).toEqual({ code: 78, signal: null });
  expect(missing.err()).toContain("kgsync makes the branch, but not the repository");
  const nobody = place.run({}, { ...env, KGSYNC_BUCKET: "git+http://127.0.0.1:1/x.git", KGSYNC_START_TIMEOUT: "2s" });
  expect(await nobody.ended).toEqual({ code: 69, signal: null });
});

test("doctor: what it found, and a branch that is as it was but for two commits", async () => {
  const { place, env, subjects } = createGitPlace();
  place.setLocal(graphOf("one"));
  expect(await place.start(["push"], env).ended).toEqual({ code: 0, signal: null });
  const doctor = place.start(["doctor"], env);
  expect(await doctor.ended).toEqual({ code: 0, signal: null });
  expect(doctor.out()).toMatch(/^ok +bucket\.put /m);
  expect(doctor.out()).toMatch(/^ok +credentials +none are needed/m);
  expect(subjects()).toEqual(["kgsync: doctor removed", "kgsync: doctor added", "kgsync: knowledge_graph.json added"]);
});

test("a branch that the server protects: the app's work stays, and the log says whose rule it was", async () => {
  const { place, bare, env } = createGitPlace();
  const hook = join(bare, "hooks/pre-receive");
  mkdirSync(join(bare, "hooks"), { recursive: true });
  writeFileSync(hook, "#!/bin/sh\necho 'only by pull request' >&2\nexit 1\n");
  chmodSync(hook, 0o755);
  const run = place.run(saved("one"), env);
  const told = await run.waitForEvent("push.not-durable");
  expect(told).toMatchObject({ err: { code: "bucket-denied", hint: expect.stringContaining("branch") } });
  expect(JSON.stringify(told)).toContain("only by pull request");
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 75, signal: null });
  expect(place.local()).toBe(graphOf("one"));
});

test.each([
  ["no git", undefined, /git is not installed/],
  ["an old git", "#!/bin/sh\necho git version 2.25.1\n", /git version 2.25.1 is too old/],
] as const)("%s: 78, and what to install", async (_, program, words) => {
  const { place, env } = createGitPlace();
  const path = join(place.root, "bin");
  mkdirSync(path);
  if (program !== undefined) {
    writeFileSync(join(path, "git"), program);
    chmodSync(join(path, "git"), 0o755);
  }
  const pull = place.start(["pull"], { ...env, PATH: path });
  expect(await pull.ended).toEqual({ code: 78, signal: null });
  expect(pull.err()).toMatch(words);
  expect(pull.err()).toContain("Install git 2.30 or later");
});

test("a copy that somebody deletes, or that a kill leaves half written, is made anew", async () => {
  const { place, env, remote } = createGitPlace();
  const run = place.run(saved("one"), env);
  await run.waitForEvent("push.stored");
  await run.killAll();
  place.setLocal(graphOf("one", "two"));
  expect(await place.start(["push"], env).ended).toEqual({ code: 0, signal: null });
  const [resting = ""] = place.filesBelow(join(place.state, "git")).filter((name) => /^[0-9a-f]+\/HEAD$/.test(name));
  expect(resting).not.toBe("");
  writeFileSync(join(place.state, "git", resting.replace(/HEAD$/, "shallow.lock")), "");
  place.setLocal(graphOf("one", "two", "three"));
  expect(await place.start(["push"], env).ended).toEqual({ code: 0, signal: null });
  expect(services(remote())).toEqual(["one", "three", "two"]);
});
