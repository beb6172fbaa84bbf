// Shows, with the real program, a bucket in a folder and the sample app: a save reaches the bucket, `kill -9` loses nothing,
// and a new machine has it all. Everything lies in .demo/ beside this checkout.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
const demo = join(root, ".demo");
const bucket = join(demo, "bucket");
rmSync(demo, { recursive: true, force: true });

const bold = process.stdout.isTTY ? (text: string) => `\x1b[1m${text}\x1b[0m` : (text: string) => text;
const say = (text: string): void => console.log(`\n${bold(text)}`);

type Machine = {
  readonly child: ChildProcess;
  readonly line: (wanted: RegExp) => Promise<string>;
  readonly ended: Promise<number | null>;
};

/** Starts the app under kgsync in the folder, as an image with `ENTRYPOINT ["kgsync", "run", "--"]` would. */
const start = (folder: string, settings: Record<string, string> = {}): Machine => {
  mkdirSync(folder, { recursive: true });
  const argv = [join(root, "dist/kgsync.cjs"), "run", "--", process.execPath, join(root, "scripts/sample-app.ts")];
  const env = { ...process.env, KGSYNC_BUCKET: pathToFileURL(bucket).href, KGSYNC_LOG_FORMAT: "pretty", ...settings };
  const child = spawn(process.execPath, argv, { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
  const seen: string[] = [];
  const waiting: { readonly wanted: RegExp; readonly found: (line: string) => void }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      console.log(`   ${line}`);
      seen.push(line);
      for (const { wanted, found } of waiting) if (wanted.test(line)) found(line);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const line = (wanted: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const there = seen.find((text) => wanted.test(text));
      if (there !== undefined) resolve(there);
      waiting.push({ wanted, found: resolve });
      void ended.then(() => reject(new Error(`the program ended before it said ${wanted}`)));
    });
  return { child, line, ended };
};

/** What stands in a graph file; nothing while the app, which truncates it first, is writing it. */
const parse = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

/** The names of the services in a graph file. */
const services = (file: string): string => {
  const graph = parse(file);
  const held = typeof graph === "object" && graph !== null && "services" in graph ? graph.services : undefined;
  return Object.keys(held ?? {}).join(", ") || "none";
};
const inBucket = (): string => services(join(bucket, "knowledge_graph.json"));

say("1. A new container. The bucket is empty, so the app begins a graph of its own, and it is saved.");
const first = start(join(demo, "container-1"));
await first.line(/push\.stored/);
first.child.stdin?.write("add alpha\n");
say("2. The app saves the service «alpha»; a moment later it is in the bucket.");
for (let look = 0; look < 600 && !inBucket().includes("alpha"); look++)
  await new Promise((done) => setTimeout(done, 50));
console.log(`   services in the bucket: ${inBucket()}`);

say("3. `docker stop`: the app gets its SIGTERM and saves once more; that save goes to the bucket before the end.");
first.child.kill("SIGTERM");
console.log(`   exit code ${await first.ended}`);

say("4. Started again; this time kgsync and the app are killed with `kill -9`, after a save and before it was pushed.");
const second = start(join(demo, "container-1"), { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "1h" });
await second.line(/^ready/);
second.child.stdin?.write("add beta\n");
await second.line(/saved backup/);
const graph = join(demo, "container-1/amadeus/knowledge_graph.json");
for (let look = 0; look < 600 && !services(graph).includes("beta"); look++)
  await new Promise((done) => setTimeout(done, 50));
const app = /^ready pid=(\d+)/.exec(await second.line(/^ready pid=/))?.[1];
second.child.kill("SIGKILL");
if (app !== undefined) process.kill(Number(app), "SIGKILL");
await second.ended;
console.log(`   services on disk: ${services(graph)}; in the bucket: ${inBucket()}`);

say("5. The container is restarted. Its newer local work is recognised by content, and pushed before the app starts.");
const third = start(join(demo, "container-1"));
await third.line(/^ready/);
third.child.kill("SIGTERM");
await third.ended;
console.log(`   services in the bucket: ${inBucket()}`);

say("6. Another machine, with an empty disk: everything is back.");
const fourth = start(join(demo, "container-2"));
await fourth.line(/^ready/);
console.log(`   services on disk: ${services(join(demo, "container-2/amadeus/knowledge_graph.json"))}`);
fourth.child.kill("SIGTERM");
await fourth.ended;

const back = inBucket();
if (!back.includes("alpha") || !back.includes("beta")) throw new Error(`a service is missing: ${back}`);
say("Nothing was lost. The bucket of this demo is the folder .demo/bucket; `kgsync help` tells more.");
