import { expect, test } from "vitest";
import { earlierNames, rememberName } from "../../../src/app/lease-names.ts";
import { createAppWorld, PATHS } from "../../support/app-world.ts";

const FILE = `${PATHS.state}/lease.json`;

test("each life adds its name, the newest first, and only some are kept", async () => {
  const world = createAppWorld();
  const writers: string[] = [];
  for (let n = 0; n < 10; n++) {
    const { io } = world.boot();
    expect(await earlierNames(io)).toEqual(writers.slice(0, 8));
    await rememberName(io, await earlierNames(io));
    await rememberName(io, await earlierNames(io)); // a second acquisition in the same life
    writers.unshift(io.writer);
  }
});

test.each(["", "nonsense", "[]", "null", '{"format":1}', '{"format":1,"names":"a"}'])(
  "a file that cannot be read counts as none: %j",
  async (text) => {
    const world = createAppWorld();
    world.disk.app.write(FILE, world.encode(text));
    expect(await earlierNames(world.boot().io)).toEqual([]);
  },
);

test("what is no name among them does not count", async () => {
  const world = createAppWorld();
  world.disk.app.write(FILE, world.encode('{"format":1,"names":["a",1,null,"b"]}'));
  expect(await earlierNames(world.boot().io)).toEqual(["a", "b"]);
});
