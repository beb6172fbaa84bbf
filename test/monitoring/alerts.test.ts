import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { tempDir } from "../support/temp-dir.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const folder = join(import.meta.dirname, "../../deploy/monitoring");

const promtool = (args: readonly string[], input = ""): string =>
  execFileSync("promtool", args, { cwd: folder, input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });

test("Prometheus accepts the alerting rules, and they fire when they should", () => {
  expect(promtool(["check", "rules", "alerts.yaml"])).toContain("12 rules found");
  expect(promtool(["test", "rules", "alerts.test.yaml"])).toContain("SUCCESS");
});

test("Prometheus can read every expression of the dashboard", () => {
  const dashboard: { readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[] } =
    JSON.parse(readFileSync(join(folder, "dashboard.json"), "utf8"));
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const rules = expressions.map((expr, n) => ({
    record: `panel:${n}`,
    expr: expr.replaceAll(/\$__(?:rate_interval|range)/g, "5m").replaceAll(/\$(?:job|instance)/g, ".*"),
  }));
  const path = join(tempDir(onTestFinished), "rules.json"); // JSON is YAML
  writeFileSync(path, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
  expect(promtool(["check", "rules", path])).toContain(`${expressions.length} rules found`);
});

test("Prometheus has nothing against a scrape", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: graphOf("first") }, { KGSYNC_HTTP: "127.0.0.1:0" });
  onTestFinished(run.killAll);
  await run.waitForEvent("push.stored");
  const { address } = await run.waitForEvent("http.listening");
  const scrape = await (await fetch(`http://${String(address)}/metrics`)).text();
  expect(scrape).toContain("kgsync_unsynced_age_seconds 0\n");
  expect(promtool(["check", "metrics"], scrape)).toBe("");
});
