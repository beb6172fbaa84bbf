import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";

/** The key file of a service account that gets its tokens from the double. Answers its path. */
export const writeServiceAccount = (path: string, endpoint: string): string => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const account = {
    type: "service_account",
    project_id: "project",
    private_key_id: "1",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    client_email: "kgsync@project.iam.gserviceaccount.com",
    token_uri: `${endpoint}/token`,
  };
  writeFileSync(path, JSON.stringify(account), { mode: 0o600 });
  return path;
};
