import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../../..");
const folder = join(root, ".github/workflows");

type Step = { readonly uses?: string; readonly run?: string; readonly with?: Readonly<Record<string, unknown>> };
type Job = {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly strategy?: { readonly matrix: { readonly include: readonly { readonly target: string }[] } };
  readonly steps: readonly Step[];
};

const jobsOf = (name: string): Readonly<Record<string, Job>> => parse(readFileSync(join(folder, name), "utf8")).jobs;

describe.each(readdirSync(folder))("%s", (name) => {
  const workflow = parse(readFileSync(join(folder, name), "utf8"));
  const jobs = Object.entries<Job>(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  it("may do no more than read, but where a job says so, and ends by itself", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const [, job] of jobs) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });

  it("names a version of every action, and leaves no token in the checkout", () => {
    for (const { uses, with: inputs } of steps) {
      if (uses === undefined) continue;
      expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
      if (uses.startsWith("actions/checkout@")) expect(inputs).toMatchObject({ "persist-credentials": false });
    }
  });

  it("runs scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const { run = "" } of steps) {
      for (const [, script] of run.matchAll(/npm run (\S+)/g)) expect(Object.keys(scripts)).toContain(script);
      for (const [, path = ""] of run.matchAll(/bash (\S+)/g)) expect(existsSync(join(root, path))).toBe(true);
    }
  });
});

it("releases the stages that the Dockerfile has, for both processors, with provenance", () => {
  const { images } = jobsOf("release.yml");
  const stages = [...readFileSync(join(root, "Dockerfile"), "utf8").matchAll(/^FROM \S+ AS (\S+)$/gm)].map(
    ([, as]) => as,
  );
  for (const { target } of images?.strategy?.matrix.include ?? []) expect(stages).toContain(target);
  const build = images?.steps.find(({ uses }) => uses?.startsWith("docker/build-push-action@"))?.with;
  expect(build).toMatchObject({ platforms: "linux/amd64,linux/arm64", provenance: "mode=max", sbom: true });
  const args = [...readFileSync(join(root, "Dockerfile"), "utf8").matchAll(/^ARG (\w+)/gm)].map(([, name]) => name);
  for (const [, name] of String(build?.["build-args"]).matchAll(/^(\w+)=/gm)) expect(args).toContain(name);
});
