import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";

/** Which bucket, how to reach it, and how long to wait. Plain data: whoever composes reads files and the environment. */
export type GsOptions = {
  readonly bucket: string;
  /** Put before every key with a `/`; empty for the whole bucket. Slashes at its ends do not count. */
  readonly prefix: string;
  /** URL of a server that is not Google's public one: an emulator, or a private endpoint. */
  readonly endpoint?: string | undefined;
  /** Sends no credentials, and looks for none: emulators only. */
  readonly anonymous: boolean;
  /** Milliseconds in which neither side sends a byte before a request is given up. */
  readonly requestTimeoutMs: number;
  /** Milliseconds to open a connection, through a proxy if there is one. */
  readonly connectTimeoutMs: number;
  /** `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` (either case). Node knows it from 22.21 and 24.5 on; an older one connects directly. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>> | undefined;
  readonly clock: Clock;
  readonly random: Random;
};
