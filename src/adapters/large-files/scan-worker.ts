// The thread that goes through a large graph; in dist/ a bundle of its own, dist/scan-worker.cjs.
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { createGraphScan, type ScannedCheck } from "../../core/scan/scan-graph.ts";
import { stampOf } from "../node-file-tree/stamp.ts";
import type { ScanAnswer, ScanRequest } from "./scan-in-worker.ts";

const MIB = 1024 * 1024;
const PIECE = 2 * MIB;
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

const request: ScanRequest = workerData;

/** Waits until the file is filled up to there; false when it never will be. */
const isFilled = (filled: Int32Array, upTo: number): boolean => {
  for (;;) {
    const there = Atomics.load(filled, 0);
    if (there < 0) return false;
    if (there >= upTo) return true;
    Atomics.wait(filled, 0, there);
  }
};

const goThrough = (file: number, size: number): ScanAnswer => {
  const room = Buffer.allocUnsafeSlow(PIECE + 2 * 65_536);
  const hash = createHash("sha256");
  const scan = createGraphScan(request.mode);
  let kept = 0;
  let utf8 = true;
  for (let at = 0; at < size; ) {
    const length = Math.min(PIECE, size - at, room.length - kept);
    if (request.filled !== undefined && !isFilled(request.filled, Math.ceil((at + length) / MIB))) return "moving";
    const read = readSync(file, room, kept, length, at);
    if (read === 0) return "moving";
    hash.update(room.subarray(kept, kept + read));
    at += read;
    const piece = room.subarray(0, kept + read);
    const done = scan.feed(piece);
    utf8 &&= isUtf8(piece.subarray(0, done));
    piece.copyWithin(0, done);
    kept = piece.length - done;
  }
  const check: ScannedCheck = utf8 ? scan.end(kept) : { kind: "torn", why: "it is not UTF-8" };
  return { sha256: hash.digest("hex"), check, stamp: stampOf(fstatSync(file, { bigint: true })) };
};

/** By its digest alone: to look at a graph takes four times as long. */
const recognise = (file: number, size: number): ScanAnswer | undefined => {
  const { known = [] } = request;
  if (known.length === 0) return undefined;
  const room = Buffer.allocUnsafeSlow(PIECE);
  const hash = createHash("sha256");
  for (let at = 0; at < size; ) {
    const read = readSync(file, room, 0, Math.min(PIECE, size - at), at);
    if (read === 0) return "moving";
    hash.update(room.subarray(0, read));
    at += read;
  }
  const sha256 = hash.digest("hex");
  const found = known.find((each) => each.sha256 === sha256);
  return found && { ...found, stamp: stampOf(fstatSync(file, { bigint: true })) };
};

const file = openSync(request.path, FLAGS);
try {
  parentPort?.postMessage(recognise(file, request.size) ?? goThrough(file, request.size));
} finally {
  closeSync(file);
}
