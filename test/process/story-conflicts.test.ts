import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { createStoryPlace, graphOf, manyServices } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;
type Row = { readonly name: string; readonly kind: string; readonly resolved: boolean };

const kgsync = async (place: Place, ...args: readonly string[]): Promise<readonly [number | null, RunningKgsync]> => {
  const run = place.start(args);
  return [(await run.ended).code, run];
};

const listed = async (place: Place, ...args: readonly string[]): Promise<readonly Row[]> => {
  const [code, run] = await kgsync(place, "conflicts", "list", "--json", ...args);
  expect(code).toBe(0);
  return JSON.parse(run.out()).conflicts;
};

const versions = (graph: string, value: number): string => graph.replaceAll('"one":1', `"one":${value}`);

/** Both changed the same two values; the bucket's were chosen. */
const createConflict = async (): Promise<Place> => {
  const place = createStoryPlace(bin);
  place.setLocal(graphOf("a", "b"));
  expect((await kgsync(place, "push"))[0]).toBe(0);
  place.setRemote(versions(graphOf("a", "b"), 3));
  place.setLocal(versions(graphOf("a", "b", "mine"), 2));
  expect((await kgsync(place, "push", "--on-conflict", "theirs"))[0]).toBe(0);
  expect(place.remote()).toContain('"one":3');
  return place;
};

const values = (place: Place): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries<{ metadata: { one: number } }>(JSON.parse(place.remote() ?? "").services).map(([name, service]) => [
      name,
      service.metadata.one,
    ]),
  );

test("what gave way is listed, shown, and brought back; then it is resolved, and all is still there", async () => {
  const place = await createConflict();
  const [conflict] = await listed(place);
  const name = conflict?.name ?? "";
  expect(conflict).toMatchObject({ kind: "record", resolved: false });
  const [, show] = await kgsync(place, "conflicts", "show", name.slice(0, 5));
  expect(show.out()).toContain(
    "/services/a/metadata/one  edit/edit: theirs\n    base    1\n    ours    2\n    theirs  3\n",
  );
  const [, json] = await kgsync(place, "conflicts", "show", name, "--json");
  expect(JSON.parse(json.out())).toMatchObject({ name, resolved: false, record: { kind: "merge", policy: "theirs" } });

  const before = place.objects();
  const [dry, preview] = await kgsync(place, "conflicts", "resolve", name, "--ours", "--dry-run");
  expect([dry, preview.out()]).toEqual([0, expect.stringContaining("metadata.one: 3 → 2")]);
  expect(place.objects()).toEqual(before);

  expect((await kgsync(place, "conflicts", "resolve", name, "--ours", "--yes"))[0]).toBe(0);
  expect(values(place)).toEqual({ a: 2, b: 2, mine: 2 });
  expect([await listed(place), await listed(place, "--all")]).toEqual([[], [{ ...conflict, resolved: true }]]);
  expect(place.objects()).toEqual(expect.arrayContaining([...before]));
  expect((await kgsync(place, "conflicts", "resolve", name, "--theirs", "--yes"))[0]).toBe(0);
  expect(values(place)).toEqual({ a: 2, b: 2, mine: 2 }); // theirs had been chosen: its decision stands as it is now
});

test("one place of several, in a graph that has changed since; and not where the same has changed since", async () => {
  const place = await createConflict();
  expect((await kgsync(place, "pull"))[0]).toBe(0);
  const name = (await listed(place))[0]?.name ?? "";
  place.setLocal(
    (place.local() ?? "").replace('{"a":', `{"new":${JSON.stringify({ name: "new", metadata: { one: 7 } })},"a":`),
  );
  expect((await kgsync(place, "push"))[0]).toBe(0);
  const at = "/services/b/metadata/one";
  expect((await kgsync(place, "conflicts", "resolve", name, "--ours", "--at", at, "--yes"))[0]).toBe(0);
  expect(values(place)).toEqual({ new: 7, a: 3, b: 2, mine: 2 });
  expect(await listed(place)).toHaveLength(1);

  place.setLocal((place.local() ?? "").replace('"one":3', '"one":4'));
  expect((await kgsync(place, "push"))[0]).toBe(0);
  const remote = place.remote();
  const [code, run] = await kgsync(place, "conflicts", "resolve", name, "--ours", "--yes");
  expect([code, run.err()]).toEqual([75, expect.stringContaining("--keep")]);
  expect([place.remote(), (await listed(place)).length]).toEqual([remote, 1]);
  expect((await kgsync(place, "conflicts", "resolve", name, "--keep"))[0]).toBe(0);
  expect([place.remote(), await listed(place)]).toEqual([remote, []]);
});

test("a version that the guard kept aside is listed, compared, and let through by a person", async () => {
  const place = createStoryPlace(bin);
  const full = graphOf(...manyServices(40));
  place.setLocal(full);
  expect((await kgsync(place, "push"))[0]).toBe(0);
  place.setLocal(graphOf("only"));
  expect((await kgsync(place, "push"))[0]).toBe(75);
  const [conflict] = await listed(place);
  const name = conflict?.name ?? "";
  expect(conflict).toMatchObject({ kind: "quarantine" });
  const [different, diff] = await kgsync(place, "diff", "bucket", name);
  expect([different, diff.out()]).toEqual([1, expect.stringContaining("1 added, 40 removed")]);
  const [, show] = await kgsync(place, "conflicts", "show", "quarantine");
  expect(show.out()).toContain(`kgsync diff bucket ${name}`);
  expect((await kgsync(place, "conflicts", "resolve", name, "--ours", "--yes"))[0]).toBe(0);
  expect([place.remote(), await listed(place)]).toEqual([graphOf("only"), []]);
  place.setLocal(graphOf("only", "more"));
  expect((await kgsync(place, "push"))[0]).toBe(0); // the guard is open
  expect(place.remote()).toBe(graphOf("only", "more"));
  expect(place.textAt(join(place.bucket, `.kgsync/conflicts/${name}.json`))).toBe(graphOf("only"));
});

test("what is not there is told", async () => {
  const place = await createConflict();
  expect((await kgsync(place, "conflicts"))[1].out()).toMatch(/^TIME +STATE +NAME\n\S+Z {2}open +\S+\n$/);
  for (const [words, said] of [
    [["show", "nothing"], "no conflict"],
    [["resolve", "4b"], "--ours, --theirs and --keep"],
    [["resolve", (await listed(place))[0]?.name ?? "", "--ours", "--at", "/x", "--yes"], "no conflict at"],
  ] as const) {
    const [code, run] = await kgsync(place, "conflicts", ...words);
    expect([code, run.err()]).toEqual([64, expect.stringContaining(said)]);
  }
});
