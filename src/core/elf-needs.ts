/** What a program needs of the image that it runs in. */
export type ElfNeeds = {
  /** The loader (`PT_INTERP`); `undefined`: the program is static, and needs nothing. */
  readonly loader: string | undefined;
  /** Names of shared libraries (`DT_NEEDED`). */
  readonly libraries: readonly string[];
};

/** Reads `length` bytes at `offset`; shorter at the end. */
type ReadAt = (offset: number, length: number) => Uint8Array;

const [LOAD, DYNAMIC, INTERP] = [1, 2, 3];
const [NEEDED, STRTAB] = [1, 5];
const LONGEST = 4096;

type Segment = { readonly type: number; readonly offset: number; readonly address: number; readonly size: number };

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const wide = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

const textAt = (read: ReadAt, offset: number): string => {
  const bytes = read(offset, LONGEST);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
};

const segmentsOf = (read: ReadAt): readonly Segment[] => {
  const head = viewOf(read(0, 64));
  const [start, size, count] = [wide(head, 32), head.getUint16(54, true), head.getUint16(56, true)];
  return Array.from({ length: count }, (_, n) => {
    const row = viewOf(read(start + n * size, 56));
    return { type: row.getUint32(0, true), offset: wide(row, 8), address: wide(row, 16), size: wide(row, 32) };
  });
};

const dynamicOf = (read: ReadAt, { offset, size }: Segment): readonly (readonly [number, number])[] => {
  const table = viewOf(read(offset, size));
  const count = Math.floor(table.byteLength / 16);
  return Array.from({ length: count }, (_, n) => [wide(table, n * 16), wide(table, n * 16 + 8)] as const);
};

const isElf = (read: ReadAt): boolean => {
  const magic = read(0, 6);
  return [0x7f, 0x45, 0x4c, 0x46, 2, 1].every((byte, n) => magic[n] === byte);
};

/** Where the loader's path stands in a file, and how many bytes there are for it and its final NUL. */
export type LoaderRoom = { readonly offset: number; readonly size: number };

/** `undefined`: no ELF file as below, or a static program. */
export const elfLoaderRoom = (read: ReadAt): LoaderRoom | undefined => {
  const interp = isElf(read) ? segmentsOf(read).find(({ type }) => type === INTERP) : undefined;
  return interp === undefined ? undefined : { offset: interp.offset, size: interp.size };
};

/**
 * Reads a 64-bit little-endian ELF file (System V ABI, "Program Header", "Dynamic Section"). `undefined` for anything else:
 * then nothing is known of what it needs.
 */
export const elfNeeds = (read: ReadAt): ElfNeeds | undefined => {
  if (!isElf(read)) return undefined;
  const segments = segmentsOf(read);
  const interp = segments.find(({ type }) => type === INTERP);
  const dynamic = segments.find(({ type }) => type === DYNAMIC);
  const entries = dynamic === undefined ? [] : dynamicOf(read, dynamic);
  const strings = entries.find(([tag]) => tag === STRTAB)?.[1];
  const home = segments.find(
    ({ type, address, size }) =>
      type === LOAD && strings !== undefined && strings >= address && strings < address + size,
  );
  const at = strings === undefined || home === undefined ? undefined : strings - home.address + home.offset;
  return {
    loader: interp === undefined ? undefined : textAt(read, interp.offset),
    libraries:
      at === undefined ? [] : entries.filter(([tag]) => tag === NEEDED).map(([, name]) => textAt(read, at + name)),
  };
};
