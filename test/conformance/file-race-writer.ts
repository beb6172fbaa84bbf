// Run as a program: adds one to the counter in the folder, so many times, against whoever else does.
import { createFileObjectStore } from "../../src/adapters/file-object-store/file-object-store.ts";
import { createNodeRandom } from "../../src/adapters/node-random.ts";
import { key } from "../../src/core/key.ts";

const [folder = "", times = "0"] = process.argv.slice(2);
const store = createFileObjectStore(folder, { random: createNodeRandom() });
const { signal } = new AbortController();

const increment = async (): Promise<boolean> => {
  const before = await store.get(key("counter"), signal);
  const count = before === undefined ? 0 : Number(new TextDecoder().decode(before.body));
  const answer = await store.put(
    key("counter"),
    new TextEncoder().encode(String(count + 1)),
    before === undefined ? { mode: "create" } : { mode: "update", etag: before.etag },
    { contentType: "text/plain", metadata: {} },
    signal,
  );
  if (answer.outcome === "unknown") throw answer.cause;
  return answer.outcome === "stored";
};

for (let done = 0; done < Number(times); ) if (await increment()) done += 1;
