import { expect, test } from "vitest";
import { createLateExposition } from "../../../src/app/late-exposition.ts";
import type { Happening } from "../../../src/core/monitor/happening.ts";
import type { Exposition } from "../../../src/ports/metrics.ts";

const graph = (bytes: number): Happening => ({ type: "graph", bytes, leaves: 0 });

const late = (load?: () => Promise<Exposition>) => {
  const noted: Happening[] = [];
  let loads = 0;
  const exposition: Exposition = {
    contentType: "text/plain",
    note: (one) => noted.push(one),
    expose: async () => "",
  };
  const made = createLateExposition(() => {
    loads += 1;
    return load === undefined ? Promise.resolve(exposition) : load();
  });
  return { ...made, noted, loads: () => loads, exposition };
};

test("loads nothing until it is asked, and then has counted from the first moment, in order, once", async () => {
  const { note, open, noted, loads, exposition } = late();
  note(graph(1));
  note(graph(2));
  expect(loads()).toBe(0);
  const opening = open();
  note(graph(3));
  expect(await opening).toBe(exposition);
  note(graph(4));
  expect(await open()).toBe(exposition);
  expect(noted).toEqual([1, 2, 3, 4].map(graph));
  expect(loads()).toBe(1);
});

test("loads by itself before much has gathered", async () => {
  const { note, open, noted, loads } = late();
  for (let n = 0; n < 1500; n++) note(graph(n));
  expect(loads()).toBe(1);
  await open();
  expect(noted).toHaveLength(1500);
});

test("what cannot be loaded is told to whoever asks, and gathers no more", async () => {
  const error = new Error("scripted");
  const { note, open, loads } = late(() => Promise.reject(error));
  note(graph(1));
  await expect(open()).rejects.toBe(error);
  for (let n = 0; n < 1500; n++) note(graph(n));
  await expect(open()).rejects.toBe(error);
  expect(loads()).toBe(1);
});
