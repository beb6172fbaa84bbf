import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const OPENSSL = "openssl"; // of the system: Node makes keys, but no certificates

/** A self-signed certificate for 127.0.0.1 in the folder, which is its own authority. `file`: its path. */
export const makeCertificate = (
  folder: string,
): { readonly key: string; readonly cert: string; readonly file: string } => {
  const [keyFile, file] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync(OPENSSL, ["req", "-x509", ...kind, "-keyout", keyFile, "-out", file, ...subject], { stdio: "pipe" });
  return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(file, "utf8"), file };
};
