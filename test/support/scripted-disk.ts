import * as fs from "node:fs/promises";

/** One call on the way to the disk: `open`, `link`, …, and `handle.sync`, `handle.write`, … of an open file. */
export type DiskCall = { readonly name: string; readonly args: readonly unknown[] };

/** What to do around each call. A rejection of `before` keeps the call from happening. */
export type DiskScript = {
  readonly before?: (call: DiskCall) => Promise<void> | void;
  readonly after?: (call: DiskCall) => Promise<void> | void;
};

/** An error as node:fs throws it. */
export const systemError = (code: string): Error => Object.assign(new Error(`${code}: scripted`), { code });

const scripted = <T extends object>(target: T, prefix: string, script: DiskScript): T =>
  new Proxy(target, {
    get: (_, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const call = { name: `${prefix}${String(name)}`, args };
        await script.before?.(call);
        const result: unknown = await Reflect.apply(method, target, args);
        await script.after?.(call);
        return call.name === "open" && typeof result === "object" && result !== null
          ? scripted(result, "handle.", script)
          : result;
      };
    },
  });

/** node:fs/promises with a script around every call, those of open files too. */
export const scriptedDisk = (script: DiskScript): typeof fs => scripted({ ...fs }, "", script);

/**
 * A process that dies just before its nth call (from 0): neither that one nor any later one happens. Closing counts as
 * no call: the kernel closes a dead process's files.
 */
export const crashingDisk = (at: number): { readonly disk: typeof fs; readonly calls: () => number } => {
  let calls = 0;
  const before = ({ name }: DiskCall): void => {
    if (name === "handle.close") return;
    if (calls++ >= at) throw systemError("EIO");
  };
  return { disk: scriptedDisk({ before }), calls: () => calls };
};
