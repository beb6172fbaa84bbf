import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const folder = join(import.meta.dirname, "../../deploy/monitoring");

const promtool = (args: readonly string[], input = ""): string =>
  execFileSync("promtool", args, { cwd: folder, input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });

test("Prometheus accepts the alerting rules, and they fire when they should", () => {
  expect(promtool(["check", "rules", "alerts.yaml"])).toContain("12 rules found");
  expect(promtool(["test", "rules", "alerts.test.yaml"])).toContain("SUCCESS");
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
