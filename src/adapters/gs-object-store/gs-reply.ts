import type { Readable } from "node:stream";

/** One request of the JSON or XML API. */
export type GsRequest = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent one after the other, as one body. */
  readonly body?: readonly Uint8Array[];
  /** Whether the answer's bytes are left to the asker, who reads the stream or destroys it; by default they are read. */
  readonly leaves?: (answer: Pick<GsReply, "status" | "headers">) => boolean;
};

/** An answer, or none: then `status` is undefined and `cause` says why. */
export type GsReply = {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
  /** Of an answer whose bytes were left; `body` is empty then. */
  readonly stream?: Readable;
  /** False only when it is sure that no byte of the request left, so that it cannot have been applied. */
  readonly sent: boolean;
  readonly cause?: unknown;
};

/** What was stored compressed comes as it is stored, else Google unpacks it: another length, another sum, and no ranges. */
export const AS_STORED = { "accept-encoding": "gzip" };

/** A header's value; of a repeated one all, joined as RFC 9110 §5.3 says. */
export const headerOf = ({ headers }: GsReply, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === "object" ? value.join(", ") : value;
};

type Fields = Readonly<Record<string, unknown>>;

/** The fields of anything; of what is no object, none. */
export const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {});

/** The answer's JSON object; no fields when it is something else. */
export const jsonOf = ({ body }: GsReply): Fields => {
  try {
    return fieldsOf(JSON.parse(Buffer.from(body).toString()));
  } catch {
    return {};
  }
};

/**
 * What a refusal says of itself. `reason`: of the XML API the `Code` (`NoSuchKey`), of the JSON API the first error's reason
 * (`notFound`); empty when it says nothing that can be read. `message` is prose, and never shown: it may name more than it should.
 */
export const refusalOf = (reply: GsReply): { readonly reason: string; readonly message: string } => {
  const text = Buffer.from(reply.body.subarray(0, 4096)).toString();
  const code = /<Code>([A-Za-z]+)<\/Code>/.exec(text)?.[1];
  if (code !== undefined) return { reason: code, message: "" };
  const error = fieldsOf(jsonOf(reply)["error"]);
  const errors = Array.isArray(error["errors"]) ? error["errors"] : [];
  const { reason } = fieldsOf(errors[0]);
  const message = error["message"];
  return {
    reason: typeof reason === "string" && /^[A-Za-z]\w{0,60}$/.test(reason) ? reason : "",
    message: typeof message === "string" ? message : "",
  };
};
