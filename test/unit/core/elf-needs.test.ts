import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { elfLoaderRoom, elfNeeds } from "../../../src/core/elf-needs.ts";

const reader = (bytes: Uint8Array) => (offset: number, length: number) => bytes.subarray(offset, offset + length);

/** The smallest file of that shape: head, three segments, a dynamic section, names. */
const elf = ({ dynamic }: { readonly dynamic: boolean }): Uint8Array => {
  const bytes = new Uint8Array(1024);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  const wide = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  const segment = (n: number, type: number, offset: number, address: number, size: number): void => {
    const at = 64 + n * 56;
    view.setUint32(at, type, true);
    wide(at + 8, offset);
    wide(at + 16, address);
    wide(at + 32, size);
  };
  wide(32, 64);
  view.setUint16(54, 56, true);
  view.setUint16(56, dynamic ? 3 : 1, true);
  segment(0, 1, 0, 0x400000, 1024);
  if (!dynamic) return bytes;
  segment(1, 3, 300, 0x400000 + 300, 20);
  segment(2, 2, 400, 0x400000 + 400, 64);
  bytes.set(new TextEncoder().encode("/lib/ld.so\0"), 300);
  const entries = [
    [1, 1],
    [1, 10],
    [5, 0x400000 + 600],
    [0, 0],
  ];
  for (const [n, [tag = 0, value = 0]] of entries.entries()) {
    wide(400 + n * 16, tag);
    wide(408 + n * 16, value);
  }
  bytes.set(new TextEncoder().encode("\0libc.so\0\0libm.so\0"), 600);
  return bytes;
};

describe("what a program needs", () => {
  it("a loader and libraries", () => {
    expect(elfNeeds(reader(elf({ dynamic: true })))).toEqual({
      loader: "/lib/ld.so",
      libraries: ["libc.so", "libm.so"],
    });
  });

  it("its loader's name where it can be written over", () => {
    expect(elfLoaderRoom(reader(elf({ dynamic: true })))).toEqual({ offset: 300, size: 20 });
    expect(elfLoaderRoom(reader(elf({ dynamic: false })))).toBeUndefined();
    expect(elfLoaderRoom(reader(new TextEncoder().encode("#!/bin/sh\n")))).toBeUndefined();
  });

  it("nothing, when it is static", () => {
    expect(elfNeeds(reader(elf({ dynamic: false })))).toEqual({ loader: undefined, libraries: [] });
  });

  it("is not known of what is no such file", () => {
    expect(elfNeeds(reader(new TextEncoder().encode("#!/bin/sh\n")))).toBeUndefined();
    expect(elfNeeds(reader(new Uint8Array(0)))).toBeUndefined();
  });

  it("of the Node that runs this, its libc", () => {
    const needs = elfNeeds(reader(readFileSync(process.execPath)));
    expect(needs?.libraries.some((name) => name.startsWith("libc."))).toBe(needs?.loader !== undefined);
  });
});
