import { join } from "node:path";
import { KgsyncError } from "../../core/errors.ts";
import type { ValidateMode } from "../../core/graph.ts";
import type { ScannedCheck } from "../../core/scan/scan-graph.ts";
import type { Stamp } from "../../ports/file-tree.ts";

/** `filled`: how many MiB of the file are there already, from its start, while it still grows; −1 when it is given up. */
export type ScanRequest = {
  readonly path: string;
  readonly size: number;
  readonly mode: ValidateMode;
  readonly filled?: Int32Array | undefined;
  /** What was found in others of this size, which most likely is one of them under another name or stamp. */
  readonly known?: readonly Found[] | undefined;
};

/** What there is to be found in a file. */
export type Found = { readonly sha256: string; readonly check: ScannedCheck };

/** `moving`: it had less than `size`, or was given up. The stamp is that of the file that was read, when it had been. */
export type ScanAnswer = "moving" | (Found & { readonly stamp: Stamp });

declare const KGSYNC_VERSION: string | undefined; // by the build

/** In the bundle a file beside the program's (the build puts its `__dirname` for `import.meta.dirname`), else its source. */
const FILE = join(import.meta.dirname, typeof KGSYNC_VERSION === "undefined" ? "scan-worker.ts" : "scan-worker.cjs");

/** Little is kept of what goes by: this is for the runtime itself. */
const HEAP_MB = 64;

/** Goes through the file in a thread, which is ended afterwards. Rejects with `disk` where it cannot be read. */
export const scanInWorker = async (request: ScanRequest): Promise<ScanAnswer> => {
  const { Worker } = await import("node:worker_threads");
  const limits = { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 8 };
  const worker = new Worker(FILE, { name: "kgsync-scan", workerData: request, execArgv: [], resourceLimits: limits });
  try {
    return await new Promise<ScanAnswer>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new KgsyncError("bug", `a thread ended without an answer (${code})`)));
    });
  } finally {
    await worker.terminate();
  }
};
