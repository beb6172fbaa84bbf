import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { tempDir } from "./temp-dir.ts";

/** What the DevTools protocol sends: an answer to one of ours, or an event. */
type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
};

export type Tab = {
  /** Loads the page as a screen of that width and scheme shows it. */
  readonly open: (url: string, screen: { readonly width: number; readonly scheme: "light" | "dark" }) => Promise<void>;
  readonly evaluate: (expression: string) => Promise<unknown>;
  /** A PNG of the whole page. */
  readonly screenshot: () => Promise<Buffer>;
  /** Every address that was asked for so far. */
  readonly requested: () => readonly string[];
  /** What the console has said so far: blocked loads among it. */
  readonly said: () => readonly string[];
};

/** Debian's Chromium without a screen, driven over its DevTools protocol. It ends with the test. */
export const openChromium = async (): Promise<Tab> => {
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
  const folder = tempDir(onTestFinished);
  const browser = spawn(
    "chromium",
    [...flags, "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: folder } },
  );
  onTestFinished(async () => {
    browser.kill("SIGKILL");
    if (browser.exitCode === null && browser.signalCode === null) await once(browser, "exit");
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    let told = "";
    browser.on("error", reject);
    browser.on("exit", () => reject(new Error(`chromium ended:\n${told}`)));
    browser.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      told += chunk;
      const [, url] = /DevTools listening on (ws:\S+)/.exec(told) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  const pages: readonly { readonly type: string; readonly webSocketDebuggerUrl: string }[] = JSON.parse(
    await (await fetch(`http://${new URL(endpoint).host}/json/list`)).text(),
  );
  const page = pages.find(({ type }) => type === "page");
  if (page === undefined) throw new Error("chromium has no page");
  return drive(new WebSocket(page.webSocketDebuggerUrl));
};

const drive = async (socket: WebSocket): Promise<Tab> => {
  await once(socket, "open");
  const answers = new Map<number, (message: Message) => void>();
  const events: Message[] = [];
  const loaded: (() => void)[] = [];
  socket.addEventListener("message", ({ data }) => {
    const message: Message = JSON.parse(String(data));
    if (message.id !== undefined) answers.get(message.id)?.(message);
    else events.push(message);
    if (message.method === "Page.loadEventFired") for (const tell of loaded.splice(0)) tell();
  });
  let last = 0;
  const call = async (method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> => {
    const id = ++last;
    const answer = new Promise<Message>((resolve) => answers.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
  for (const domain of ["Page", "Network", "Log", "Runtime"]) await call(`${domain}.enable`);
  return {
    open: async (url, { width, scheme }) => {
      const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 };
      await call("Emulation.setDeviceMetricsOverride", metrics);
      await call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
      const done = new Promise<void>((resolve) => loaded.push(resolve));
      await call("Page.navigate", { url });
      await done;
    },
    evaluate: async (expression) => {
      const { result } = await call("Runtime.evaluate", { expression, returnByValue: true });
      return typeof result === "object" && result !== null && "value" in result ? result.value : undefined;
    },
    screenshot: async () => {
      const { data } = await call("Page.captureScreenshot", { captureBeyondViewport: true });
      return Buffer.from(String(data), "base64");
    },
    requested: () =>
      events.flatMap(({ method, params }) =>
        method === "Network.requestWillBeSent" ? [String(Object(params?.["request"])["url"])] : [],
      ),
    said: () =>
      events.flatMap(({ method, params }) =>
        method === "Log.entryAdded" ? [String(Object(params?.["entry"])["text"])] : [],
      ),
  };
};
