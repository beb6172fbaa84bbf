import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { Container, createLab } from "./docker-lab.ts";
import { IMAGE } from "./docker-lab.ts";
import { tempDir } from "./temp-dir.ts";

type WhenFinished = (work: () => Promise<void> | void) => void;

const HOST = "s3.private.test";

/** An authority nobody knows, and a certificate of it for `HOST`; of the system's openssl, as Node makes none. */
const makeCertificate = (folder: string) => {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...fresh, "-days", "2", "-subj", "/CN=ours", "-keyout", at("ca.key"), "-out", at("ca.pem"));
  const wanted = ["-subj", `/CN=${HOST}`, "-addext", `subjectAltName=DNS:${HOST}`];
  openssl("req", ...fresh, ...wanted, "-keyout", at("server.key"), "-out", at("server.csr"));
  const signer = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-copy_extensions", "copy"];
  openssl("x509", "-req", "-days", "2", ...signer, "-in", at("server.csr"), "-out", at("server.pem"));
  return (name: string): Buffer => readFileSync(at(name));
};

export type TlsS3 = {
  readonly server: Container;
  readonly network: string;
  /** A volume with the authority's `ca.pem`. */
  readonly authority: string;
  readonly endpoint: string;
};

/** The tests' S3 in a container, behind TLS and known by name only. `apps` are prefixes; each has the graph `initial`. */
export const startTlsS3 = async (
  lab: ReturnType<typeof createLab>,
  whenFinished: WhenFinished,
  apps: readonly string[],
  initial: string,
): Promise<TlsS3> => {
  const pem = makeCertificate(tempDir(whenFinished));
  const bundled = await build({
    entryPoints: ["test/fixtures/s3-over-tls.ts"],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
  const script = bundled.outputFiles[0]?.contents ?? new Uint8Array();
  const [network, files, authority] = await Promise.all([
    lab.network(),
    lab.volume({ "serve.mjs": script, "server.key": pem("server.key"), "server.pem": pem("server.pem") }),
    lab.volume({ "ca.pem": pem("ca.pem") }),
  ]);
  const where = ["--network", network, "--network-alias", HOST, "--volume", `${files}:/s3:ro`];
  const server = await lab.start({
    image: IMAGE,
    flags: [...where, "--no-healthcheck", "--entrypoint", "node"],
    env: { APPS: apps.join(" "), INITIAL: initial },
    command: ["/s3/serve.mjs"],
  });
  await server.line(/^listening$/);
  return { server, network, authority, endpoint: `https://${HOST}:8443` };
};
