// npm run bench:stop: the stop plan as it really goes. An app that ignores TERM is stopped under graces of 2, 5, 10 and 30 s;
// for each, when the app was told, when it was killed, when its last save was in the bucket and when kgsync had ended, in
// seconds from the stop signal, beside what the plan says. And an app that ends at once. All at the same time: they only wait.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planStop } from "../src/core/stop-plan.ts";
import { startS3Double } from "../test/support/s3-double/start-s3-double.ts";
import { s3Env } from "../test/support/story-place.ts";

const bin = join(import.meta.dirname, "../dist/kgsync.cjs");
const root = mkdtempSync(join(tmpdir(), "kgsync-stop-"));
const row = (cells: readonly string[]): void => console.log(`| ${cells.join(" | ")} |`);
const inSeconds = (ms: number | undefined): string => (ms === undefined ? "–" : (ms / 1000).toFixed(2));

/** Saves when it is told to stop; `stays`: and goes on. */
const app = (stays: boolean): string => `
  trap 'printf "{\\"saved\\":\\"last\\"}" >amadeus/knowledge_graph.json; echo told; ${stays ? ":" : "exit 0"}' TERM
  printf '{"saved":"first"}' >amadeus/knowledge_graph.json; echo up
  while :; do sleep 0.02; done`;

const stop = async (graceSeconds: number, stays: boolean): Promise<readonly string[]> => {
  const double = await startS3Double();
  const cwd = join(root, `${graceSeconds}-${stays}`);
  mkdirSync(join(cwd, "amadeus"), { recursive: true });
  const started = spawn(process.execPath, [bin, "run", "--", "sh", "-c", app(stays)], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      ...s3Env(double),
      KGSYNC_GRACE: `${graceSeconds}s`,
      KGSYNC_WATCH: "off",
      KGSYNC_INTERVAL: "0",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let begin = 0;
  const at: Record<string, number> = {};
  const note = (name: string): void => {
    at[name] ??= performance.now() - begin;
  };
  const stored = setInterval(() => {
    if (double.objects.get("app/knowledge_graph.json")?.body.toString().includes("last")) note("stored");
  }, 5);
  started.stdout.on("data", (bytes: Buffer) => {
    const text = bytes.toString();
    if (text.includes("up") && begin === 0) {
      begin = performance.now();
      started.kill("SIGTERM");
    }
    if (text.includes("told")) note("told");
  });
  started.stderr.on("data", (bytes: Buffer) => {
    if (bytes.toString().includes('"child.killed"')) note("killed");
  });
  const code = await new Promise<number | null>((resolve) => started.once("exit", (ended) => resolve(ended)));
  note("ended");
  clearInterval(stored);
  if (double.objects.get("app/knowledge_graph.json")?.body.toString().includes("last")) note("stored");
  await double.close();
  const plan = planStop(graceSeconds * 1000, 0);
  return [
    `${graceSeconds} s`,
    stays ? "ignores TERM" : "ends at once",
    inSeconds(at["told"]),
    stays ? inSeconds(plan.killAt) : "–",
    inSeconds(at["killed"]),
    inSeconds(at["stored"]),
    inSeconds(at["ended"]),
    inSeconds(plan.exitAt),
    String(code),
  ];
};

try {
  row([
    "grace",
    "app",
    "told",
    "kill planned",
    "killed",
    "last save in the bucket",
    "ended",
    "end at the latest",
    "exit",
  ]);
  row(Array.from({ length: 9 }, () => "---"));
  const cases = [2, 5, 10, 30].flatMap((grace) => [
    [grace, true] as const,
    ...(grace === 10 ? [[grace, false] as const] : []),
  ]);
  for (const cells of await Promise.all(cases.map(([grace, stays]) => stop(grace, stays)))) row(cells);
} finally {
  rmSync(root, { recursive: true, force: true });
}
