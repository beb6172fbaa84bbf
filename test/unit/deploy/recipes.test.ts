import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseArgv } from "../../../src/commands/parse-argv.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { parseDuration } from "../../../src/core/duration.ts";

const root = join(import.meta.dirname, "../../..");
const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

/** `${NAME:-default}` as compose reads it with nothing set. */
const filled = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");

describe("deploy/compose/sidecar.yml", () => {
  const { services, volumes } = parse(filled(textOf("deploy/compose/sidecar.yml")));
  const { kgsync, app } = services;
  const state = "state:/data/amadeus";
  const env: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries<string | null>(kgsync.environment).flatMap(([name, value]) =>
      value === null ? [] : [[name, value]],
    ),
  );

  it("has two containers that share a folder and a user, and settings that the app does not see", () => {
    expect(Object.keys(services)).toEqual(["kgsync", "app"]);
    expect(kgsync.user).toBe("65532:65532");
    expect(app.user).toBe(kgsync.user);
    expect(kgsync.volumes).toEqual([state]);
    expect(app.volumes).toEqual([state]);
    expect(app.environment).toBeUndefined();
    expect(Object.keys(volumes)).toEqual(["state"]);
  });

  it("starts the app when the graph is there, with more patience than kgsync has", () => {
    expect(app.depends_on).toEqual({ kgsync: { condition: "service_healthy" } });
    expect(parseArgv(kgsync.entrypoint.slice(1)).command).toBe("watch");
    expect(parseArgv(kgsync.healthcheck.test.slice(2)).command).toBe("health");
    const patience = kgsync.healthcheck.retries * (parseDuration(kgsync.healthcheck.interval) ?? 0);
    expect(patience).toBeGreaterThan(loadConfig(env, {}, () => "").config.startTimeout);
  });

  it("has settings that kgsync accepts, and the grace that the engine gives", () => {
    const { config, warnings } = loadConfig(env, {}, () => "");
    expect(warnings).toEqual([]);
    expect(config.grace).toBe(parseDuration(kgsync.stop_grace_period));
    expect(config.graph).toMatch(/^\/data\/amadeus\//);
  });

  it("holds kgsync to a root that nobody writes, without capabilities", () => {
    expect(kgsync).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
  });
});

describe.each(readdirSync(join(root, "deploy/ci")))("deploy/ci/%s", (name) => {
  const text = textOf(`deploy/ci/${name}`);
  const workflow = parse(text);

  it("has settings that kgsync accepts, and the image of this version", () => {
    const { IMAGE, ...env } = workflow.env;
    expect(loadConfig(env, {}, () => "").warnings).toEqual([]);
    const { version }: { readonly version: string } = JSON.parse(textOf("package.json"));
    expect(IMAGE).toBe(`registry.example.com/kgsync-inject:${version}`);
  });

  it("has no key, the rights that it needs, an end in time, and actions of a version", () => {
    expect(workflow.permissions["id-token"]).toBe("write");
    expect(text).not.toMatch(/secrets\.|access-key/);
    for (const job of Object.values<{ readonly "timeout-minutes": number }>(workflow.jobs))
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(15);
    for (const [, action] of text.matchAll(/uses: (\S+)/g)) expect(action).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
  });

  it("calls kgsync as it can be called", () => {
    const lines = text.replaceAll(/\\\n\s+/g, "").matchAll(/^\s*(?:[^#]*-- )?kgsync ([^|\n]+)/gm);
    const called = [...lines].map(([, args = ""]) => args.replaceAll('"', "").trim().split(" "));
    expect(called.length).toBeGreaterThan(0);
    for (const args of called) expect(parseArgv(args).command).toBe(args[0]);
  });
});
