import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";

/** Which account, and by which right. The most secret thing here: never in a message. */
export type AzAccount = {
  /** URL of the account's blob service, without a slash at its end and without a query. */
  readonly endpoint: string;
  readonly credential:
    | { readonly kind: "key"; readonly account: string; readonly key: string }
    /** A shared access signature: a query, without its question mark. */
    | { readonly kind: "sas"; readonly query: string }
    /** A token of Microsoft Entra: workload identity, an application's secret or certificate, managed identity. */
    | { readonly kind: "identity" };
};

/** Which container, how to reach it, and how long to wait. Plain data: whoever composes reads the environment. */
export type AzOptions = {
  readonly container: string;
  /** Put before every key with a `/`; empty for the whole container. */
  readonly prefix: string;
  readonly account: AzAccount;
  /** Milliseconds in which neither side sends a byte before a request is given up. */
  readonly requestTimeoutMs: number;
  /** Milliseconds to open a connection. */
  readonly connectTimeoutMs: number;
  /** `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` (either case), as Node's agents take them from 22.21 and 24.5 on. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>> | undefined;
  readonly clock: Clock;
  readonly random: Random;
};
