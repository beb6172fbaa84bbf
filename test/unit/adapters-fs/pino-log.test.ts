import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogSink } from "../../../src/adapters/log-sink.ts";
import { createPinoLog, type PinoLogOptions } from "../../../src/adapters/pino-log.ts";
import { KgsyncError } from "../../../src/core/errors.ts";

const logInto = (options: Partial<PinoLogOptions> = {}, tty = false) => {
  const lines: string[] = [];
  let dropped = 0;
  const sink: LogSink = {
    tty,
    write: (line, reported = 0) => {
      lines.push(line);
      dropped -= reported;
    },
    status: () => undefined,
    dropped: () => dropped,
    flush: async () => undefined,
    stuck: () => false,
  };
  const log = createPinoLog({ level: "debug", format: "json", sink, secrets: [], colour: false, ...options });
  const drop = (count: number): void => {
    dropped = count;
  };
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? ""), drop };
};

describe("a JSON line", () => {
  test("has time, level, event, message and fields, and nothing about the process", () => {
    const { log, last } = logInto();
    log.warn("push.stored", "the graph is in the bucket", { size: 12, etag: '"abc"' });
    const { time, ...rest } = last();
    expect(new Date(time).toISOString()).toBe(time);
    expect(rest).toEqual({
      level: "warn",
      event: "push.stored",
      msg: "the graph is in the bucket",
      size: 12,
      etag: '"abc"',
    });
  });

  test("levels below the one that is set say nothing", () => {
    const { log, lines } = logInto({ level: "warn" });
    log.debug("a", "a");
    log.info("a", "a");
    log.warn("b", "b");
    log.error("c", "c");
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(["b", "c"]);
  });

  test("an error is its message, code and hint; stack and cause only at debug", () => {
    const err = new KgsyncError("disk", "cannot write /x", { cause: new Error("ENOSPC") });
    const quiet = logInto({ level: "info" });
    quiet.log.error("a", "a", { err });
    expect(quiet.last().err).toEqual({ message: "cannot write /x", code: "disk", hint: err.hint });
    const loud = logInto({ level: "debug" });
    loud.log.error("a", "a", { err });
    expect(loud.last().err).toMatchObject({ stack: expect.stringContaining("pino-log"), cause: { message: "ENOSPC" } });
  });

  test("a field cannot take the place of the line's own", () => {
    const { log, lines, last } = logInto();
    log.info("real", "real", { event: "fake", level: "fake", time: "fake", msg: "fake", 'q"uote': 1 });
    expect(last()).toMatchObject({ event: "real", level: "info", msg: "real", event_: "fake", q_uote: 1 });
    expect(lines[0]?.match(/"event":/g)?.length).toBe(1);
  });

  test("how many lines were dropped is told once", () => {
    const { log, last, drop } = logInto();
    drop(7);
    log.info("a", "a");
    expect(last().dropped).toBe(7);
    log.info("a", "a");
    expect(last()).not.toHaveProperty("dropped");
  });

  test("values that cannot be shown do not throw", () => {
    const { log, lines } = logInto();
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    const nasty = {
      get bad(): string {
        throw new Error("getter");
      },
    };
    for (const value of [loop, nasty, 10n, Symbol("x"), () => 1, Number.NaN, undefined, null, new Uint8Array(5)])
      log.info("a", "a", { value });
    expect(lines.every((line) => JSON.parse(line).msg === "a")).toBe(true);
    expect(lines.length).toBe(8); // all but the getter's
  });
});

const formats = fc.constantFrom<Partial<PinoLogOptions>[]>(
  { format: "json" },
  { format: "pretty" },
  { format: "pretty", colour: true },
);

/** Each breaks a line in its message; in `pretty` that is five bytes for one character. */
const TOO_LONG_ONCE: [Record<string, unknown>, string, Partial<PinoLogOptions>][] = [
  [{ a: "\u0080".repeat(400) }, "\n".repeat(5000), { format: "pretty" }],
  [{ a: "\u0080".repeat(400) }, "\n".repeat(5000), { format: "pretty", colour: true }],
];

test("every line is one write of less than 4096 bytes, whatever the fields hold", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 6000 }),
    fc.constantFrom(
      "\u0080".repeat(5000),
      "\ud800".repeat(3000),
      '"'.repeat(5000),
      "\u{1f600}".repeat(3000),
      "\n".repeat(5000),
    ),
  );
  const value = fc.oneof(
    text,
    fc.array(text, { maxLength: 50 }),
    fc.dictionary(text, text, { maxKeys: 50 }),
    fc.double(),
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "binary" }), value, { maxKeys: 100 }),
      text,
      formats,
      (fields, message, options) => {
        const { log, lines } = logInto(options);
        log.error(message, message, { ...fields, err: new Error(message) });
        expect(lines.length).toBe(1);
        expect(Buffer.byteLength(lines[0] ?? "")).toBeLessThan(4096);
        expect(lines[0]?.endsWith("\n")).toBe(true);
        if (options.format === "json") expect(lines[0]?.indexOf("\n")).toBe((lines[0]?.length ?? 0) - 1);
      },
    ),
    { numRuns: 150, examples: TOO_LONG_ONCE },
  );
});

describe("secrets", () => {
  test("one that was read anew is taken out from then on, and so is the old one", () => {
    const rotated: string[] = [];
    const { log, last } = logInto({ secrets: ["the-old-one"], rotated });
    log.info("a", "the-old-one the-new-one");
    expect(last().msg).toBe("[redacted] the-new-one");
    rotated.push("the-new-one");
    log.info("a", "the-old-one", { why: "the-new-one!" });
    expect(last()).toMatchObject({ msg: "[redacted]", why: "[redacted]!" });
  });

  const nest = (text: string): readonly Record<string, unknown>[] => [
    { a: text },
    { a: { b: [text, { c: `x${text}x` }] } },
    { [text]: 1 },
    { a: JSON.stringify({ secret: text }) },
    { a: `https://host/${encodeURIComponent(text)}` },
    { err: new KgsyncError("disk", `failed with ${text}`, { hint: text, cause: new Error(text) }) },
    { a: "y".repeat(2040) + text },
  ];
  test("a planted secret is in no line, however it got into the fields", () => {
    const secret = fc
      .string({ minLength: 8, maxLength: 60 })
      .filter((text) => text.isWellFormed() && text.trim() === text);
    fc.assert(
      fc.property(secret, formats, (text, options) => {
        const { log, lines } = logInto({ secrets: ["short", text, text.slice(0, 6)], ...options });
        for (const fields of nest(text)) log.debug("a", text, fields);
        const all = lines.join("");
        for (const form of [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)])
          expect(all).not.toContain(form);
      }),
    );
  });

  test("a number that is a secret is taken out too", () => {
    const { log, last } = logInto({ secrets: ["123456"] });
    log.info("a", "a", { pin: 123456, size: 12 });
    expect(last()).toMatchObject({ pin: "[redacted]", size: 12 });
  });

  test.each([
    ["https://user:pass@host/path", "https://host/path"],
    ["https://user:p@ss@host:9000/path", "https://host:9000/path"],
    ["s3://bucket/prefix?X-Amz-Signature=abc&X=1", "s3://bucket/prefix?[redacted]"],
    ["see https://u@h/p?q=1#f and http://x/y.", "see https://h/p?[redacted]#f and http://x/y."],
    ["mail me@example.org?", "mail me@example.org?"],
    ["file:///mnt/shared/kg", "file:///mnt/shared/kg"],
  ])("of %s is shown %s", (url, shown) => {
    const { log, last } = logInto();
    log.info("a", "a", { url, err: new Error(url) });
    expect(last()).toMatchObject({ url: shown, err: { message: shown } });
  });
});

describe("pretty", () => {
  test("auto is pretty on a terminal and JSON elsewhere", () => {
    const person = logInto({ format: "auto" }, true);
    person.log.info("push.stored", "the graph is in the bucket", { size: 12, name: "a b" });
    expect(person.lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}the graph is in the bucket push\.stored size=12 name="a b"\n$/,
    );
    const machine = logInto({ format: "auto" }, false);
    machine.log.info("a", "a");
    expect(machine.last().event).toBe("a");
  });

  test("an error comes last, its hint on its own line; colour only when asked for", () => {
    const err = new KgsyncError("disk", "cannot write /x");
    const plain = logInto({ format: "pretty", level: "info" });
    plain.log.error("a.b", "stopped", { err });
    expect(plain.lines[0]).toMatch(
      /stopped a\.b\n {4}error: cannot write \/x\n {4}code: disk\n {4}hint: Free space .*\n$/,
    );
    expect(plain.lines[0]).not.toContain("\u001b");
    const coloured = logInto({ format: "pretty", colour: true });
    coloured.log.error("a", "a");
    expect(coloured.lines[0]).toContain("\u001b[31mERROR");
  });

  test("no control character of a value reaches the terminal", () => {
    const { log, lines } = logInto({ format: "pretty" });
    log.info("a", "a\u001b[2J", { value: "\u001b[2J\u009b2J\u007f", err: new Error("\u001b]0;title\u0007") });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(lines[0]?.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  test("a message of several lines stays so, and no line of it can pass for another entry", () => {
    const { log, lines } = logInto({ format: "pretty" });
    log.error("failed", "2 problems:\n  one\n08:00:00.000 INFO  all is well");
    expect(lines.join("\n")).toMatch(/ERROR 2 problems:\n {6}one\n {4}08:00:00\.000 INFO {2}all is well failed/);
  });
});
