import { runClient } from "./docker.ts";

const TAR_BLOCK = 512;

/** The first regular file of a tar archive (POSIX.1-1988 ustar: name, size in octal at 124, type at 156). */
const firstFile = (tar: Buffer): Buffer | undefined => {
  for (let at = 0; at + TAR_BLOCK <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(tar.toString("latin1", at + 124, at + 136), 8);
    const type = tar.toString("latin1", at + 156, at + 157);
    const data = at + TAR_BLOCK;
    if (type === "0" || type === "\0") return tar.subarray(data, data + size);
    at = data + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
  return undefined;
};

/** The bytes of a file in a container, running or not, whoever may read it there; `undefined` when there is none. */
export const readFileIn = async (id: string, path: string): Promise<Buffer | undefined> => {
  const answer = await runClient("docker", ["cp", `${id}:${path}`, "-"]);
  if (answer.code === 0) return firstFile(answer.stdout);
  if (/could not find the file|no such file/i.test(answer.stderr)) return undefined;
  throw new Error(`docker cp ${id}:${path}: ${answer.stderr.trim()}`);
};
