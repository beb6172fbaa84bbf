import { join } from "node:path";
import { expect, test } from "vitest";
import { createStoryPlace } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";
import { argumentsIn } from "../unit/docs/command-lines.ts";
import { fences, textOf } from "../unit/docs/documents.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;

const BACKUP = "knowledge_graph_20260112_030000.json"; // as the documents name one

const billing = (version: string, ...more: readonly string[]): string =>
  JSON.stringify({
    version: "1.0.0",
    services: { billing: { version }, ...Object.fromEntries(more.map((name) => [name, { version: "1" }])) },
  });

const kgsync = async (place: Place, ...args: readonly string[]) => {
  const run = place.start(args);
  const { code } = await run.ended;
  return { code, out: run.out(), err: run.err() };
};

/** The command lines of a document's shell fences, in their order. */
const linesOf = (page: string): readonly (readonly string[])[] =>
  fences(textOf(page), "sh").flatMap((block) => block.split("\n").flatMap(argumentsIn));

/** What a page shows of a session or of an answer: the fence that has these words. */
const shown = (page: string, language: string, words: string): string => {
  const found = fences(textOf(page), language).find((block) => block.includes(words));
  if (found === undefined) throw new Error(`${page} shows no ${words}`);
  return found;
};

/** A bucket with versions, a backup and a conflict, and a disk that is in step with it. */
const createPlace = async () => {
  const place = createStoryPlace(bin);
  place.put(join(place.backups, BACKUP), billing("2.0"));
  place.setLocal(billing("1.0"));
  expect((await kgsync(place, "push")).code).toBe(0);
  place.setRemote(billing("2.0"));
  place.setLocal(billing("1.1", "mine"));
  expect((await kgsync(place, "push", "--on-conflict", "theirs")).code).toBe(0);
  expect((await kgsync(place, "sync")).code).toBe(0);
  place.setLocal(billing("2.0", "mine", "later"));
  expect((await kgsync(place, "push")).code).toBe(0);
  for (const name of ["old", "new", "mended"]) place.put(join(place.cwd, `${name}.json`), billing("2.0", name));
  const { entries } = JSON.parse((await kgsync(place, "log", "--all", "--json")).out);
  const named = (kind: string): readonly string[] =>
    entries.flatMap((entry: { kind: string; name: string }) => (entry.kind === kind ? [entry.name] : []));
  const [first = "", second = ""] = named("version");
  const [conflict = ""] = named("conflict");
  return {
    place,
    names: new Map([
      ["3f2a", first],
      ["81c0", second],
      ["4be1", conflict],
    ]),
  };
};

/** How a line ends that does not end with 0: a difference, or nobody to ask whether that is what is wanted. */
const ends = (line: string): readonly (number | null)[] => {
  if (line.startsWith("diff")) return [0, 1];
  return /^(?:restore|conflicts resolve)(?!.*--(?:yes|dry-run|keep))/.test(line) ? [64] : [0];
};

test("docs/commands.md: every line does what it says, one after the other", async () => {
  const { place, names } = await createPlace();
  const lines = linesOf("docs/commands.md");
  expect(lines.length).toBeGreaterThan(15);
  for (const args of lines) {
    const line = args.join(" ");
    const { code, err, out } = await kgsync(place, ...args.map((arg) => names.get(arg) ?? arg));
    expect(ends(line), `${line}\n${out}\n${err}`).toContain(code);
    if (code === 64) expect(err).toContain("nobody is there to be asked");
    if (line === "conflicts show 4be1") expect(out).toContain(shown("docs/commands.md", "text", "edit/edit"));
    if (line === "restore 3f2a --dry-run") expect(out).toMatch(/^\+{3} file:\S+\/versions\/\S+$/m); // named once
    if (line === "log") {
      const columns = (text: string) => text.split("\n").map((row) => row.split(/ {2,}/));
      const [head, ...rows] = columns(shown("docs/commands.md", "text", "WRITER"));
      const [ownHead, ...ownRows] = columns(out);
      expect(ownHead).toEqual(head);
      expect(new Set(ownRows.map(([, kind]) => kind))).toEqual(new Set(rows.map(([, kind]) => kind)));
      expect(ownRows[0]?.[1]).toBe("graph");
    }
  }
  expect((await kgsync(place, "conflicts")).out).toBe("there are no open conflicts\n");
  expect(place.local()).toBe(place.remote());
});

test("docs/commands.md: a difference looks as it is shown", async () => {
  const place = createStoryPlace(bin);
  const four = { a: 1, b: 2, c: 3, d: 4 };
  const graph = (day: string, services: object): string =>
    JSON.stringify({ version: "1.0.0", last_updated: `2026-01-${day}T00:00:00Z`, services });
  place.setLocal(graph("01", { user: { dependencies: ["redis"], metadata: { replicas: 2 } }, legacy: four }));
  place.setRemote(graph("02", { user: { dependencies: [], metadata: { replicas: 3 } }, billing: four }));
  const { code, out } = await kgsync(place, "diff");
  expect(code).toBe(1);
  const expected = shown("docs/commands.md", "text", "--- local")
    .replace("/data/amadeus/knowledge_graph.json", place.graph)
    .replace("s3://my-bucket/my-app", `file://${place.bucket}`);
  expect(out).toBe(expected);
});

test("docs/commands-running.md: sync and status answer as it is shown", async () => {
  const place = createStoryPlace(bin);
  const running = place.run({ save: billing("1") }, { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" });
  await running.waitForLine(/app: ready/);
  const [, answer] = shown("docs/commands-running.md", "", "kgsync sync").split("\n");
  expect((await kgsync(place, "sync")).out).toBe(`${answer}\n`);
  const names = (text: string): readonly string[] => text.split("\n").map((row) => row.split(/ {2,}/)[0] ?? "");
  const [, ...rows] = shown("docs/commands-running.md", "", "kgsync status").split("\n");
  const { code, out } = await kgsync(place, "status");
  expect(code).toBe(0);
  expect(names(out)).toEqual(names(rows.join("\n")));
  for (const row of rows.slice(0, 2)) {
    const [words = ""] = row.split(", since");
    expect(out).toContain(words);
  }
  expect((await kgsync(place, "health")).code).toBe(0);
});

test.each(["README.md", "docs/tools.md", "docs/merge.md"])("%s: every line ends well", async (page) => {
  const { place } = await createPlace();
  for (const side of ["base", "ours", "theirs"]) place.put(join(place.cwd, `${side}.json`), billing("1", side));
  const lines = linesOf(page).filter((args) => !args.includes("%O")); // git fills that one in
  expect(lines.length).toBeGreaterThan(0);
  for (const args of lines) {
    // What an install copies has a test of its own: it is large.
    const [to, here] = [`file://${join(place.root, "copy")}`, `file://${place.bucket}`];
    const real =
      args[0] === "install"
        ? ["install", "--dry-run", join(place.root, "shared")]
        : args[0] === "copy"
          ? [...args.slice(0, -2), here, to]
          : args;
    const { code, err, out } = await kgsync(place, ...real);
    expect(code, `${args.join(" ")}\n${out}\n${err}`).toBe(0);
  }
});
