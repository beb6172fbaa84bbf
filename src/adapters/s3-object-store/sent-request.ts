/** A request as the SDK gives it to its handler. */
export type SentRequest = {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query: Record<string, string | string[] | null>;
  readonly headers: Record<string, string>;
};

/** Trusts no class, as the SDK's own check does not: several versions of one may be loaded. */
export const isRequest = (value: unknown): value is SentRequest =>
  typeof value === "object" &&
  value !== null &&
  "method" in value &&
  typeof value.method === "string" &&
  "protocol" in value &&
  "hostname" in value &&
  "path" in value &&
  typeof value.path === "string" &&
  "query" in value &&
  typeof value.query === "object" &&
  "headers" in value &&
  typeof value.headers === "object";
