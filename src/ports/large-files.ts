import type { ScannedCheck } from "../core/scan/scan-graph.ts";
import type { Digest } from "../core/version.ts";
import type { Stamp } from "./file-tree.ts";
import type { Body, Target } from "./object-store.ts";

/** A graph that is too large to be in memory: where it lies, and what was found when it was gone through. */
export type LargeFile = {
  readonly path: string;
  readonly stamp: Stamp;
  readonly sha256: Digest;
  readonly check: ScannedCheck;
};

/** `small`: read it as any other file. */
export type LargeLook =
  | { readonly kind: "absent" | "moving" | "small" }
  | { readonly kind: "still"; readonly file: LargeFile };

/**
 * Graphs above a size, which never are whole in memory: they are hashed and looked at piece by piece, off the main thread, and
 * copied by the kernel. Rejects with KgsyncError `disk`; whoever reads a file that has changed since is told so.
 */
export type LargeFiles = {
  /** Bytes from which on a graph is large, that many not included. */
  readonly above: number;
  /** Goes through the file, unless it was seen with the same stamp before (git's racy rule holds). */
  readonly look: (path: string) => Promise<LargeLook>;
  /**
   * Takes what `bring` gives into a new file of `folder`, named by its digest, whole or not at all. `changed`: as `bring` says.
   * What is there is hashed and looked at while the rest is on its way.
   */
  readonly receive: (
    folder: string,
    size: number,
    bring: (target: Target) => Promise<"whole" | "changed">,
  ) => Promise<LargeFile | "changed">;
  /** Replaces or creates `to`, whole, durable, as `FileTree.write` does; where the file system can, without copying a byte. */
  readonly copy: (from: LargeFile, to: string) => Promise<void>;
  /** Its bytes, for a put. */
  readonly body: (file: LargeFile) => Exclude<Body, Uint8Array>;
  /** Whether two hold the same but for the values of their clock fields: byte for byte, so another spelling is a difference. */
  readonly same: (a: LargeFile, b: LargeFile) => Promise<boolean>;
};
