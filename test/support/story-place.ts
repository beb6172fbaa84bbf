import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { fixture } from "./child-box.ts";
import { type RunningKgsync, startKgsync } from "./run-kgsync.ts";
import type { S3Double } from "./s3-double/start-s3-double.ts";
import { tempDir } from "./temp-dir.ts";

/** Concurrent tests have one of their own each. */
type OnFinished = (work: () => Promise<void> | void) => void;
type Env = Readonly<Record<string, string>>;

/** A short graph of the app's shape: `names` are its services, so that stories can be told apart by them. */
export const graphOf = (...names: readonly string[]): string =>
  JSON.stringify({
    version: "1.0.0",
    last_updated: "2025-10-03T00:40:18Z",
    services: Object.fromEntries(
      names.map((name) => [name, { name, category: "story", metadata: { one: 1, two: [2] } }]),
    ),
  });

/** Enough leaves for the shrink guard to care. */
export const manyServices = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `service${n}`);

const textAt = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

const filesBelow = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort()
    : [];

/** Where a story happens: a folder that stands for the container's disk, and a bucket. */
export const createStoryPlace = (bin: () => string, whenFinished: OnFinished = onTestFinished) => {
  const root = tempDir(whenFinished);
  const cwd = join(root, "it's an app"); // a path that has to be quoted
  const bucket = join(root, "bucket");
  const mark = join(root, "mark");
  const last = join(root, "termination-log");
  mkdirSync(cwd);
  writeFileSync(last, "");
  const graph = join(cwd, "amadeus/knowledge_graph.json");
  const base: Env = {
    HOME: root,
    MARK: mark,
    KGSYNC_BUCKET: `file://${bucket}`,
    KGSYNC_DEBOUNCE: "10ms",
    KGSYNC_TERMINATION_LOG: last,
  };
  const start = (args: readonly string[], env: Env = {}): RunningKgsync =>
    startKgsync({ bin: bin(), args, env: { ...base, ...env }, cwd, whenFinished });
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  return {
    root,
    base,
    cwd,
    bucket,
    state: join(cwd, "amadeus/.kgsync"),
    graph,
    start,
    /** `kgsync run` of the app that does what it is told; `first` before it says that it is ready. */
    run: (first: object = {}, env: Env = {}): RunningKgsync =>
      start(["run", "--", process.execPath, fixture("story-app.mjs"), JSON.stringify(first)], env),
    local: () => textAt(graph),
    setLocal: (text: string) => put(graph, text),
    remote: () => textAt(join(bucket, "knowledge_graph.json")),
    setRemote: (text: string) => put(join(bucket, "knowledge_graph.json"), text),
    put,
    backups: join(cwd, "amadeus/backups"),
    /** The plain names in the bucket's folder; its own books (hidden folder) left out. */
    objects: () => filesBelow(bucket).filter((name) => !name.startsWith(".kgsync-store")),
    textAt,
    filesBelow,
    /** What the app noted: `started`, `term`. */
    marks: () => (textAt(mark) ?? "").split("\n").filter((word) => word !== ""),
    terminationLog: () => readFileSync(last, "utf8"),
    status: (): Record<string, unknown> => JSON.parse(readFileSync(join(cwd, "amadeus/.kgsync/status.json"), "utf8")),
  };
};

/** The settings for a bucket in the double. */
export const s3Env = ({ endpoint, bucket }: Pick<S3Double, "endpoint" | "bucket">): Env => ({
  KGSYNC_BUCKET: `s3://${bucket}/app`,
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "a-secret",
  AWS_EC2_METADATA_DISABLED: "true",
});
