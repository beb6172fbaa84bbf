import { describe, expect, test } from "vitest";
import { createHints } from "../../../src/app/hints.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const hintsOf = (intervalMs: number, fraction = 0.5) => {
  const clock = createFakeClock();
  const looks: number[] = [];
  const hints = createHints({
    clock,
    random: { fraction: () => fraction, id: () => "" },
    debounceMs: 500,
    intervalMs,
    look: () => void looks.push(clock.now().mono),
  });
  return { clock, looks, hints };
};

describe("looks", () => {
  test("many hints within the debounce are one", async () => {
    const { clock, looks, hints } = hintsOf(0);
    for (let n = 0; n < 10; n++) {
      hints.changed();
      await clock.advance(40);
    }
    await clock.advance(5_000);
    expect(looks).toEqual([500]);
    hints.changed();
    await clock.advance(500);
    expect(looks).toEqual([500, 5_900]);
  });

  test("an app that never stops writing is still looked at", async () => {
    const { clock, looks, hints } = hintsOf(0);
    for (let n = 0; n < 30; n++) {
      hints.changed();
      await clock.advance(100);
    }
    expect(looks.length).toBeGreaterThanOrEqual(4);
  });

  test("the interval is the truth without a hint", async () => {
    const { clock, looks } = hintsOf(60_000);
    await clock.advance(180_000);
    expect(looks).toEqual([60_000, 120_000, 180_000]);
  });

  test("without an interval there is no timer", async () => {
    const { clock, looks } = hintsOf(0);
    await clock.advance(3_600_000);
    expect(looks).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  test("a torn file is looked at again soon", async () => {
    const { clock, looks, hints } = hintsOf(0);
    hints.again("soon", false);
    hints.again("soon", false);
    await clock.advance(1_000);
    expect(looks).toEqual([500]);
  });

  test("a bucket that fails is asked less and less often, and after a success anew", async () => {
    const { clock, looks, hints } = hintsOf(0);
    const waits: number[] = [];
    for (let n = 0; n < 6; n++) {
      const before = clock.now().mono;
      hints.again("later", false);
      await clock.advance(20_000);
      waits.push((looks.at(-1) ?? 0) - before);
    }
    expect(waits).toEqual([800, 1600, 3200, 5000, 5000, 5000]);
    hints.again("none", false);
    const before = clock.now().mono;
    hints.again("later", false);
    await clock.advance(20_000);
    expect((looks.at(-1) ?? 0) - before).toBe(800);
  });

  test("nothing after close, also not by a push that ends later", async () => {
    const { clock, looks, hints } = hintsOf(1_000);
    hints.changed();
    hints.close();
    hints.again("soon", false);
    hints.again("later", false);
    hints.changed();
    await clock.advance(60_000);
    expect(looks).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

describe("a gap between pushes", () => {
  const gapped = () => {
    const clock = createFakeClock();
    const looks: number[] = [];
    const hints = createHints({
      clock,
      random: { fraction: () => 0.5, id: () => "" },
      debounceMs: 500,
      intervalMs: 7_000,
      gapMs: 60_000,
      look: () => void looks.push(clock.now().mono),
    });
    return { clock, looks, hints };
  };

  test("begins with what was sent: a look that finds nothing to send delays nobody", async () => {
    const { clock, looks, hints } = gapped();
    await clock.advance(7_000);
    hints.again("none", false);
    hints.changed();
    await clock.advance(500);
    expect(looks).toEqual([7_000, 7_500]);
  });

  test("whatever calls for a look in it, there is one, when it is over", async () => {
    const { clock, looks, hints } = gapped();
    hints.again("none", true);
    for (let n = 0; n < 59; n++) {
      hints.changed();
      await clock.advance(1_000);
    }
    expect(looks).toEqual([]);
    await clock.advance(1_000);
    expect(looks).toEqual([60_000]);
  });

  test("what is seen while a push is under way waits for the gap behind it", async () => {
    const { clock, looks, hints } = gapped();
    hints.changed();
    await clock.advance(500);
    hints.changed();
    await clock.advance(1_000); // the push is not over yet
    expect(looks).toEqual([500]);
    hints.again("none", true);
    await clock.advance(59_999);
    expect(looks).toEqual([500]);
    await clock.advance(1);
    expect(looks).toEqual([500, 61_500]);
  });

  test("closed, nothing is left waiting", async () => {
    const { clock, hints } = gapped();
    hints.again("none", true);
    hints.changed();
    await clock.advance(1_000);
    hints.close();
    expect(clock.pending()).toBe(0);
  });
});
