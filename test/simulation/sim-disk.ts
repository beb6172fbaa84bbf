import { createMemoryFileTree } from "../support/memory-file-tree.ts";

export const PATHS = { graph: "/data/graph.json", backups: undefined, state: "/data/.kgsync" } as const;

/** All files, as a volume's snapshot has them. */
export type Snapshot = {
  readonly files: readonly (readonly [string, Uint8Array])[];
  /** Of the older version of the app. */
  readonly old: boolean;
};

const STATE = [`${PATHS.state}/base`, `${PATHS.state}/aside`, PATHS.state];

/** A machine's disk, which can be lost and can go back. `single`: the graph is mounted as a file, nothing can take its place. */
export const createSimDisk = (single: boolean) => {
  const create = () => {
    const disk = createMemoryFileTree();
    if (single) disk.mount(PATHS.graph);
    return disk;
  };
  let disk = create();
  return {
    now: () => disk,
    text: (path: string): string | undefined => {
      const bytes = disk.app.read(path);
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    },
    write: (path: string, text: string): void => disk.app.write(path, new TextEncoder().encode(text)),
    lose: (): void => {
      disk = create();
    },
    loseState: async (): Promise<void> => {
      for (const folder of STATE)
        for (const name of await disk.tree.names(folder)) disk.app.remove(`${folder}/${name}`);
    },
    snapshot: async (old: boolean): Promise<Snapshot> => {
      const files: (readonly [string, Uint8Array])[] = [];
      for (const folder of [...STATE, "/data"])
        for (const name of await disk.tree.names(folder)) {
          const bytes = disk.app.read(`${folder}/${name}`);
          if (bytes !== undefined) files.push([`${folder}/${name}`, bytes]);
        }
      return { files, old };
    },
    restore: ({ files }: Snapshot): void => {
      disk = create();
      for (const [path, bytes] of files) disk.app.write(path, bytes);
    },
  };
};
