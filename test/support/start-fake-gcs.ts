import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { vi } from "vitest";

export type FakeGcs = { readonly endpoint: string; readonly bucket: string; readonly close: () => Promise<void> };

/** It has to be told its own address before it has one. */
const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
};

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });

/** Starts fake-gcs-server, which lies at `path`, on loopback and in memory, with an empty bucket. */
export const startFakeGcs = async (path: string): Promise<FakeGcs> => {
  const host = `127.0.0.1:${await freePort()}`;
  const endpoint = `http://${host}`;
  const place = ["-scheme", "http", "-host", "127.0.0.1", "-port", host.slice("127.0.0.1:".length)];
  const names = ["-public-host", host, "-external-url", endpoint];
  const child = spawn(path, [...place, ...names, "-backend", "memory", "-log-level", "error"], { stdio: "ignore" });
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended(child);
  };
  try {
    const body = JSON.stringify({ name: "bucket" });
    const headers = { "content-type": "application/json" };
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${endpoint}/storage/v1/b?project=p`, { method: "POST", headers, body });
        if (!answer.ok) throw new Error(`answered ${answer.status}`);
      },
      { timeout: 60_000, interval: 50 },
    );
    return { endpoint, bucket: "bucket", close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
};
