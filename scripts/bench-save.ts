// npm run bench:save [-- --saves N --exits N --json]: from a save of a 54 KB graph until the S3 server on loopback has answered
// for it, beyond the debounce; and from the app's end, right after a save, until kgsync's end. Medians and 95th percentiles.
// Needs KGSYNC_TEST_S3_ENDPOINT and the AWS variables (scripts/bench.sh starts a server).
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { sampleGraphBytes } from "../test/support/sample-graph.ts";
import { type Answered, countRequests } from "./bench/count-requests.ts";
import type { SaveResult } from "./bench/results.ts";
import { environment, openBucket, serverEndpoint } from "./bench/server.ts";
import { median, percentile } from "./bench/statistics.ts";

const { values } = parseArgs({
  options: {
    saves: { type: "string", default: "30" },
    exits: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
  },
});
const DEBOUNCE = 500; // the default of KGSYNC_DEBOUNCE
const bin = join(import.meta.dirname, "../dist/kgsync.cjs");
const root = mkdtempSync(join(tmpdir(), "kgsync-save-"));
const endpoint = serverEndpoint();
const bucket = await openBucket(`save-${process.pid}`);

const sample: { readonly services: object } = JSON.parse(
  new TextDecoder().decode(sampleGraphBytes({ seed: 1, bytes: 54_000 })),
);
/** The graph with one service more, another for each number. */
const graphWith = (number: number): string =>
  JSON.stringify({ ...sample, services: { ...sample.services, [`saved_${number}`]: { number } } }, undefined, 2);

const placeFor = (name: string) => {
  const cwd = join(root, name);
  mkdirSync(join(cwd, "amadeus"), { recursive: true });
  const graph = join(cwd, "amadeus/knowledge_graph.json");
  writeFileSync(graph, graphWith(0));
  const start = (server: string, script: string) =>
    spawn(process.execPath, [bin, "run", "--", "sh", "-c", script], {
      cwd,
      env: {
        ...environment,
        KGSYNC_BUCKET: `s3://${bucket.name}/${name}`,
        AWS_ENDPOINT_URL_S3: server,
        KGSYNC_LOG_LEVEL: "error",
        KGSYNC_DEBOUNCE: `${DEBOUNCE}ms`,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
  return { cwd, graph, start };
};

/** Resolves when the program has printed its first bytes, with the time. */
const printed = (child: ReturnType<ReturnType<typeof placeFor>["start"]>): Promise<number> =>
  new Promise((resolve, reject) => {
    child.stdout.once("data", () => resolve(performance.now()));
    child.once("exit", (code) => reject(new Error(`kgsync ended with ${code} before its app spoke`)));
  });
const ended = (child: ReturnType<ReturnType<typeof placeFor>["start"]>): Promise<number> =>
  new Promise((resolve) => child.once("exit", () => resolve(performance.now())));

const measureSaves = async (count: number): Promise<readonly number[]> => {
  if (count === 0) return [];
  const { graph, start } = placeFor("saves");
  let stored: () => void = () => undefined;
  const isGraph = ({ kind, path, status }: Answered): boolean =>
    kind === "PUT" && status === 200 && new URL(path, endpoint).pathname.endsWith("/saves/knowledge_graph.json");
  const proxy = await countRequests(endpoint, (answered) => isGraph(answered) && stored());
  const next = (): Promise<number> =>
    new Promise((resolve) => {
      stored = () => resolve(performance.now());
    });
  const found: number[] = [];
  const first = next();
  const kgsync = start(proxy.url, "echo up; exec sleep 86400");
  const end = ended(kgsync);
  try {
    await printed(kgsync);
    await first; // what lay there before is pushed too
    for (let number = 0; number <= count; number++) {
      await sleep(1000 + number * 7); // longer than any wait that an earlier save began, and not in step with anything
      const durable = next();
      writeFileSync(graph, graphWith(number + 1));
      const saved = performance.now();
      const took = (await durable) - saved - DEBOUNCE;
      if (number > 0) found.push(took); // the first one loads what the others find loaded
    }
  } finally {
    kgsync.kill("SIGTERM");
    await end;
    proxy.close();
  }
  return found;
};

const measureExit = async (number: number): Promise<number> => {
  const { cwd, start } = placeFor(`exit-${number}`);
  writeFileSync(join(cwd, "next.json"), graphWith(number));
  const kgsync = start(endpoint, "sleep 2; cat next.json >amadeus/knowledge_graph.json; echo bye");
  const end = ended(kgsync);
  const bye = await printed(kgsync);
  return (await end) - bye;
};

const exits: number[] = [];
let saves: readonly number[] = [];
try {
  saves = await measureSaves(Number(values.saves));
  for (let number = 1; number <= Number(values.exits); number++) exits.push(await measureExit(number));
} finally {
  await bucket.close();
  rmSync(root, { recursive: true, force: true });
}
const result: SaveResult = { saves, exits };
const print = (what: string, times: readonly number[]): void => {
  if (times.length > 0)
    console.log(
      `${what.padEnd(52)} ${times.length} times: p50 ${median(times).toFixed(0)} ms, p95 ${percentile(times, 95).toFixed(0)} ms`,
    );
};
if (values.json) console.log(JSON.stringify(result));
else {
  print("a save → durable in the bucket, beyond the debounce", saves);
  print("the app's end after a save → kgsync's end", exits);
}
