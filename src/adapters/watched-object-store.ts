import type { Body, ListedObject, ObjectStore, PutOutcome } from "../ports/object-store.ts";
import type { Progress } from "../ports/progress.ts";

/** A body that is read piece by piece is counted so, each byte once: a retry reads from the beginning. */
const watchedBody = (body: Body, read: (bytes: number) => void): Body => {
  if (body instanceof Uint8Array) return body;
  let seen = 0;
  return {
    ...body,
    read: async (offset, length, into) => {
      const bytes = await body.read(offset, length, into);
      read(Math.max(0, offset + bytes.length - seen));
      seen = Math.max(seen, offset + bytes.length);
      return bytes;
    },
  };
};

/**
 * Tells a person who waits of every call, and of the objects and bytes that it moved. `wordFor` says what a key is for that
 * person, and whether such objects are counted. To stand above the retries: who waits does not care which try it is. Closing it ends the telling.
 */
export const createWatchedObjectStore = (
  inner: ObjectStore,
  progress: Progress,
  wordFor: (key: string) => { readonly what: string; readonly many: boolean },
): ObjectStore => {
  const watched = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    const done = progress.begin(what);
    try {
      return await call();
    } finally {
      done();
    }
  };
  return {
    name: inner.name,
    get: async (key, signal) => {
      const { what, many } = wordFor(key);
      const object = await watched(what, () => inner.get(key, signal));
      progress.count(what, many ? 1 : 0, object?.body.length ?? 0);
      return object;
    },
    peek: async (key, limit, signal) => {
      const { what, many } = wordFor(key);
      const object = await watched(what, () => inner.peek(key, limit, signal));
      progress.count(what, many ? 1 : 0, object?.body?.length ?? 0);
      return object;
    },
    fetch: (key, version, target, signal) => {
      const { what } = wordFor(key);
      const counted: typeof target = async (offset, bytes) => {
        await target(offset, bytes);
        progress.count(what, 0, bytes.length);
      };
      return watched(what, () => inner.fetch(key, version, counted, signal));
    },
    head: (key, signal) => watched(wordFor(key).what, () => inner.head(key, signal)),
    list: async function* (prefix, signal): AsyncGenerator<ListedObject> {
      const done = progress.begin("listing");
      try {
        for await (const row of inner.list(prefix, signal)) {
          progress.count("listing", 1, 0);
          yield row;
        }
      } finally {
        done();
      }
    },
    put: async (key, body, mode, options, signal): Promise<PutOutcome> => {
      const { what, many } = wordFor(key);
      const read = (bytes: number): void => progress.count(what, 0, bytes);
      const answer = await watched(what, () => inner.put(key, watchedBody(body, read), mode, options, signal));
      progress.count(what, many ? 1 : 0, body instanceof Uint8Array ? body.length : 0);
      return answer;
    },
    delete: async (key, signal) => {
      await watched("removing", () => inner.delete(key, signal));
      progress.count("removing", 1, 0);
    },
    close: () => {
      progress.end();
      inner.close();
    },
  };
};
