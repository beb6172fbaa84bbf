import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openChromium, type Tab } from "../support/chromium.ts";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const PATIENCE = { timeout: 60_000 };
/** Where somebody wants to look at the screenshots. */
const SHOTS = process.env["KGSYNC_TEST_SCREENSHOTS"];

const pageOf = async (run: RunningKgsync): Promise<string> =>
  `http://${String((await run.waitForEvent("http.listening"))["address"])}/`;

const SCREENS = [
  { name: "desk", width: 1000, scheme: "light" },
  { name: "phone", width: 390, scheme: "dark" },
] as const;

/** On every screen: the sheet is let in, nothing is wider than the screen, nothing else was asked for, nothing was blocked. */
const lookAt = async (tab: Tab, url: string, state: string, title: string): Promise<void> => {
  const backs = new Set<unknown>();
  for (const { name, ...screen } of SCREENS) {
    await tab.open(url, screen);
    expect(await tab.evaluate("document.querySelector('h1').textContent")).toBe(title);
    expect(await tab.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(screen.width);
    expect(await tab.evaluate("getComputedStyle(document.querySelector('header')).borderTopLeftRadius")).toBe("9.6px");
    backs.add(await tab.evaluate("getComputedStyle(document.body).backgroundColor"));
    const png = await tab.screenshot();
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    if (SHOTS === undefined) continue;
    mkdirSync(SHOTS, { recursive: true });
    writeFileSync(join(SHOTS, `${state}-${name}.png`), png);
  }
  expect(backs.size).toBe(SCREENS.length);
  expect(tab.requested().filter((asked) => asked !== url && !asked.endsWith("/favicon.ico"))).toEqual([]);
  expect(tab.said().filter((text) => /Content.Security.Policy|Refused/i.test(text))).toEqual([]);
};

const graph = (text: string, ...more: readonly string[]): string =>
  JSON.stringify({ ...JSON.parse(graphOf("first", "second", ...more)), text });

test("the page of a run that is in step, behind, in step again, and has had a conflict", async () => {
  const place = createStoryPlace(bin);
  const double = await startS3Double();
  const proxy = await startFaultyProxy(Number(new URL(double.endpoint).port), "pass");
  onTestFinished(async () => {
    await proxy.close();
    await double.close();
  });
  const env = {
    ...s3Env({ ...double, endpoint: `http://127.0.0.1:${proxy.port}` }),
    KGSYNC_REQUEST_TIMEOUT: "500ms",
    KGSYNC_INTERVAL: "200ms",
    KGSYNC_ON_CONFLICT: "ours",
    KGSYNC_HTTP: "127.0.0.1:0",
  };
  double.put("app/knowledge_graph.json", graph("as it was"));
  const run = place.run({}, env);
  await run.waitForLine(/app: ready/);
  const [url, tab] = await Promise.all([pageOf(run), openChromium()]);
  const text = async (): Promise<string> => (await fetch(url)).text();
  await expect.poll(text, PATIENCE).toContain("<h1>In step</h1>");
  await lookAt(tab, url, "in-step", "In step");

  proxy.setMode("reset");
  run.say(JSON.stringify({ save: graph("while the line is cut", "third", "<b>fourth</b>") }));
  await expect.poll(text, PATIENCE).toMatch(/to get to the bucket: the last request \(\w+\) did not get through/);
  await lookAt(tab, url, "behind", "Behind");

  double.put("app/knowledge_graph.json", graph("by another"));
  proxy.setMode("pass");
  await run.waitForEvent("merge.conflicts");
  await expect.poll(text, PATIENCE).toContain("<h1>In step</h1>");
  await expect.poll(text, PATIENCE).toContain('<b>text</b>: <span class="changed">changed</span>');
  await tab.open(url, SCREENS[0]);
  const told = "[...document.querySelectorAll('td li')].map((item) => item.textContent)";
  expect(await tab.evaluate(told)).toEqual(["services: 2\u00a0added third, <b>fourth</b>", "text: changed"]);
  expect(await text()).toContain("1 value gave way since this run began");
  await lookAt(tab, url, "conflict", "In step");
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
});
