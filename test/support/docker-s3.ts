import { createHash } from "node:crypto";
import { runClient } from "./docker.ts";

/** An S3 server with curl in it, in a container: both SeaweedFS's image and the tests' own stand-in are. */
export type S3Container = {
  /** The object's bytes, as another program than ours reads them; `undefined` when there is none. */
  readonly get: (path: string) => Promise<Buffer | undefined>;
  /** As `aws s3 cp` would put it: without any of kgsync's metadata. */
  readonly put: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly healthy: () => Promise<boolean>;
};

export type S3Keys = { readonly accessKeyId: string; readonly secretAccessKey: string };

const BASE = "http://127.0.0.1:8333";

/** `path` is `bucket/key`. */
export const s3In = (id: string, { accessKeyId, secretAccessKey }: S3Keys): S3Container => {
  const curl = async (path: string, body: Uint8Array, ...options: readonly string[]) => {
    const digest = createHash("sha256").update(body).digest("hex"); // curl 7.88 signs it but does not send it
    const sign = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", `${accessKeyId}:${secretAccessKey}`];
    const flags = ["-sS", ...sign, "-H", `x-amz-content-sha256: ${digest}`, "-w", "\\n%{http_code}", ...options];
    const answer = await runClient("docker", ["exec", "-i", id, "curl", ...flags, `${BASE}/${path}`], { input: body });
    const end = answer.stdout.lastIndexOf("\n");
    const status = Number(answer.stdout.subarray(end + 1).toString());
    const text = answer.stdout.subarray(0, end);
    return { status, body: text, why: `${path}: ${status} ${answer.stderr} ${text.toString()}` };
  };
  return {
    get: async (path) => {
      const { status, body, why } = await curl(path, new Uint8Array());
      if (status === 200) return body;
      if (status === 404) return undefined;
      throw new Error(`GET ${why}`);
    },
    put: async (path, bytes) => {
      const { status, why } = await curl(path, bytes, "-X", "PUT", "--data-binary", "@-");
      if (status !== 200) throw new Error(`PUT ${why}`);
    },
    healthy: async () => (await runClient("docker", ["exec", id, "curl", "-fsS", `${BASE}/healthz`])).code === 0,
  };
};
