import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const deploy = join(import.meta.dirname, "../../deploy");
type Place = ReturnType<typeof createStoryPlace>;

const GRAPH = "amadeus/knowledge_graph.json";

/** A folder with a `kgsync` in it, for the PATH: what the first step of each workflow leaves. */
const withKgsync = (place: Place): string => {
  const folder = join(place.root, "bin");
  mkdirSync(folder);
  const kgsync = join(folder, "kgsync");
  writeFileSync(kgsync, `#!/bin/sh\nexec "${process.execPath}" "${bin()}" "$@"\n`);
  chmodSync(kgsync, 0o755);
  return `${folder}:${process.env["PATH"]}`;
};

/** A clone with one branch and the repository that it pushes to. */
const createClone = (place: Place) => {
  const origin = join(place.root, "origin.git");
  const clone = join(place.root, "clone");
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", clone, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env["PATH"], HOME: place.root },
    }).trim();
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", origin]);
  mkdirSync(clone);
  git("init", "--quiet", "--initial-branch=main");
  git("remote", "add", "origin", origin);
  return {
    clone,
    git,
    commit: (graph: string): void => {
      place.put(join(clone, GRAPH), graph);
      git("add", GRAPH);
      git("commit", "--quiet", "--message", "a change");
      git("push", "--quiet", "origin", "main");
    },
  };
};

/** Runs the last step of a workflow as a runner does. */
const runStep = (place: Place, workflow: string, path: string, cwd: string) => {
  const { jobs } = parse(readFileSync(join(deploy, "ci", workflow), "utf8"));
  const [job]: readonly { readonly steps: readonly { readonly run?: string }[] }[] = Object.values(jobs);
  const script = job?.steps.at(-1)?.run ?? "exit 99";
  const temp = join(place.root, "runner");
  mkdirSync(temp, { recursive: true });
  const env = { PATH: path, HOME: place.root, RUNNER_TEMP: temp, KGSYNC_BUCKET: `file://${place.bucket}` };
  const { status, stdout, stderr } = spawnSync("bash", ["-e", "-c", script], { cwd, env, encoding: "utf8" });
  return { status, stdout, stderr };
};

const services = (graph: string | undefined): readonly string[] => Object.keys(JSON.parse(graph ?? "{}").services);

test("graph-from-git: what commits changed is merged into the bucket's graph, also after a run that was left out", () => {
  const place = createStoryPlace(bin);
  const path = withKgsync(place);
  const { clone, git, commit } = createClone(place);
  const step = () => runStep(place, "graph-from-git.yml", path, clone);

  commit(graphOf("one", "two"));
  place.setRemote(graphOf("one", "theirs"));
  expect(step()).toMatchObject({ status: 0 });
  expect(services(place.remote()).toSorted()).toEqual(["one", "theirs", "two"]);
  git("fetch", "--quiet", "origin", "+refs/graph/*:refs/graph/*");
  expect(git("rev-parse", "refs/graph/applied")).toBe(git("rev-parse", "main"));

  commit(graphOf("one", "two", "three")); // its run is left out
  commit(graphOf("two", "three")); // and `one` is removed
  expect(step()).toMatchObject({ status: 0 });
  expect(services(place.remote()).toSorted()).toEqual(["theirs", "three", "two"]);
  expect(step()).toMatchObject({ status: 0 });
  expect(services(place.remote()).toSorted()).toEqual(["theirs", "three", "two"]);
});

test("graph-from-git: where both changed the same, git wins, the run fails and shows the other; the next is well", () => {
  const place = createStoryPlace(bin);
  const path = withKgsync(place);
  const { clone, commit } = createClone(place);
  const named = (name: string): string => graphOf("one").replace('"category":"story"', `"category":"${name}"`);
  const step = () => runStep(place, "graph-from-git.yml", path, clone);
  place.setRemote(named("begin"));
  commit(named("begin"));
  expect(step()).toMatchObject({ status: 0 });
  place.setRemote(named("app"));
  commit(named("git"));
  const run = step();
  expect(run.status).toBe(1);
  expect(run.stdout).toContain('"app"');
  expect(place.remote()).toContain('"category":"git"');
  expect(step()).toMatchObject({ status: 0 });
});

test("graph-to-git: the bucket's graph becomes a commit, and none when nothing has changed", () => {
  const place = createStoryPlace(bin);
  const path = withKgsync(place);
  const { clone, git, commit } = createClone(place);
  const step = () => runStep(place, "graph-to-git.yml", path, clone);
  commit(graphOf("one", "two"));
  place.setRemote(graphOf("one"));
  expect(step()).toMatchObject({ status: 0 });
  expect(git("show", "origin/main:amadeus/knowledge_graph.json")).toBe(graphOf("one"));
  expect(git("show", "--name-only", "--format=", "main")).toBe(GRAPH);
  expect(place.remote()).toBe(graphOf("one"));
  const head = git("rev-parse", "main");
  expect(step()).toMatchObject({ status: 0 });
  expect(git("rev-parse", "main")).toBe(head);
});

test("kgsync.mk: pull, push, sync and status as the targets say", () => {
  const place = createStoryPlace(bin);
  const path = withKgsync(place);
  const text = readFileSync(join(deploy, "make/kgsync.mk"), "utf8");
  const recipes = Object.fromEntries(
    [...text.matchAll(/^(\w+):.*\n\t(.+)$/gm)].map(([, target, recipe = ""]) => [target, recipe]),
  );
  expect(Object.keys(recipes)).toEqual(/^\.PHONY: (.+)$/m.exec(text)?.[1]?.split(" "));
  const make = (target: string) => {
    const command = recipes[target]?.replace("$(KGSYNC)", "kgsync") ?? "exit 99";
    const env = { PATH: path, HOME: place.root, KGSYNC_BUCKET: `file://${place.bucket}` };
    return spawnSync("sh", ["-c", command], { cwd: place.cwd, env, encoding: "utf8" }).status;
  };
  place.setRemote(graphOf("one"));
  expect(make("pull")).toBe(0);
  expect(place.local()).toBe(graphOf("one"));
  place.setLocal(graphOf("one", "mine"));
  expect(make("push")).toBe(0);
  expect(place.remote()).toBe(graphOf("one", "mine"));
  place.setRemote(graphOf("one", "mine", "theirs"));
  place.setLocal(graphOf("one", "mine", "later"));
  expect(make("status")).toBe(1);
  expect(make("sync")).toBe(0);
  expect(make("status")).toBe(0);
  expect(services(place.local()).toSorted()).toEqual(["later", "mine", "one", "theirs"]);
  expect(existsSync(join(place.cwd, GRAPH))).toBe(true);
});
