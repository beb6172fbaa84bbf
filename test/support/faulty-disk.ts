import { type Disk, nodeDisk } from "../../src/adapters/node-file-tree/disk.ts";

/** One call of node:fs/promises or of an open file; `n` counts from 1. */
export type DiskCall = { readonly n: number; readonly name: string; readonly path: string };

/** An errno name, to fail with it; `crash`: the process ends here, half of a write being done. */
export type DiskFault = string | undefined;

const errno = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code });

const isFunction = (value: unknown): value is (...args: unknown[]) => Promise<unknown> => typeof value === "function";

/** The real disk, with a script: `fault` says for every call what happens to it. `calls` is what was asked for, in order. */
export const faultyDisk = (
  fault: (call: DiskCall) => DiskFault,
): { readonly disk: Disk; readonly calls: readonly DiskCall[] } => {
  const calls: DiskCall[] = [];
  let dead = false;
  const play = async (name: string, path: string, act: () => Promise<unknown>, half: () => Promise<unknown>) => {
    if (dead) throw new Error("the process is dead");
    const call = { n: calls.length + 1, name, path };
    calls.push(call);
    const what = fault(call);
    if (what === undefined) return act();
    if (what !== "crash") throw errno(what, path);
    dead = true;
    await half();
    throw new Error("crash");
  };
  const nothing = async (): Promise<void> => undefined;
  const wrapHandle = <T extends object>(handle: T, path: string): T =>
    new Proxy(handle, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof name !== "string" || !isFunction(method)) return method;
        const call = (...args: unknown[]): Promise<unknown> => Promise.resolve(Reflect.apply(method, target, args));
        if (name === "close") return call; // a dead process has no descriptors either
        return (...args: unknown[]) => {
          const [bytes, start, length, position] = args;
          const halved =
            name === "write" ? () => call(bytes, start, Math.floor(Number(length) / 2), position) : nothing;
          return play(`file.${name}`, path, () => call(...args), halved);
        };
      },
    });
  const disk = new Proxy<Disk>(nodeDisk, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof name !== "string" || !isFunction(method)) return method;
      return (...args: unknown[]) => {
        const path = String(args[0]);
        const act = async (): Promise<unknown> => {
          const result = await method(...args);
          return name === "open" && typeof result === "object" && result !== null ? wrapHandle(result, path) : result;
        };
        return play(name, name === "rename" ? String(args[1]) : path, act, nothing);
      };
    },
  });
  return { disk, calls };
};
