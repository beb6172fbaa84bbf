import { spawn } from "node:child_process";
import { tempDir } from "./temp-dir.ts";

export type Azurite = {
  /** With the account in its path. */
  readonly endpoint: string;
  /** The variables that lead there with the account's key. */
  readonly env: Readonly<Record<string, string>>;
  readonly connection: string;
  readonly stop: () => Promise<void>;
};

/** Of everybody's emulator (Azurite, "Default storage account"). */
const ACCOUNT = "devstoreaccount1";
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/**
 * Azurite's blob service in memory, on a port of its own. Where it lies is in KGSYNC_TEST_AZURITE, which
 * scripts/test-azure.sh sets. `more`: further arguments, as for TLS.
 */
export const startAzurite = async (
  whenFinished: (work: () => Promise<void> | void) => void,
  more: readonly string[] = [],
): Promise<Azurite> => {
  const script = process.env["KGSYNC_TEST_AZURITE"] ?? "";
  if (script === "") throw new Error("KGSYNC_TEST_AZURITE is not set: run scripts/test-azure.sh");
  // The SDK speaks a newer version of the protocol than the emulator knows the name of.
  const how = ["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry"];
  const where = ["--blobHost", "127.0.0.1", "--blobPort", "0"];
  const started = spawn(process.execPath, [script, ...how, ...where, ...more], {
    cwd: tempDir(whenFinished),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => started.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    started.kill("SIGKILL");
    await ended;
  };
  whenFinished(stop);
  let text = "";
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /listens on (https?:\/\/[\w.:]+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    };
    started.stdout.on("data", read);
    started.stderr.on("data", read);
    void ended.then(() => reject(new Error(`Azurite ended: ${text}`)));
  });
  const endpoint = `${url}/${ACCOUNT}`;
  return {
    endpoint,
    env: { AZURE_STORAGE_ACCOUNT: ACCOUNT, AZURE_STORAGE_KEY: KEY, AZURE_STORAGE_SERVICE_ENDPOINT: endpoint },
    connection: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${endpoint}`,
    stop,
  };
};
