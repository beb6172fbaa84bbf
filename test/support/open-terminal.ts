import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "./environment.ts";

export type Terminal = {
  /** Characters of the keyboard. */
  readonly type: (keys: string) => void;
  readonly screen: () => string;
  /** Gives the terminal another size, as a window does. */
  readonly resize: (rows: number) => void;
  readonly close: () => Promise<void>;
};

/** A command on a terminal of its own (script(1)), run in `folder` (a path without quotes). */
export const openTerminal = (folder: string, command: string, env: Readonly<Record<string, string>> = {}): Terminal => {
  const name = join(folder, "tty");
  const client = spawn("script", ["-qec", `tty >'${name}'; exec ${command}`, "/dev/null"], {
    cwd: folder,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...environment(), PS1: "> ", ...env },
  });
  let screen = "";
  client.stdout.on("data", (bytes) => (screen += bytes));
  client.stdin.on("error", () => undefined);
  const ended = new Promise((resolve) => client.once("close", resolve));
  return {
    type: (keys) => void client.stdin.write(keys),
    screen: () => screen,
    resize: (rows) => {
      const tty = readFileSync(name, "utf8").trim();
      spawn("stty", ["-F", tty, "rows", String(rows)]);
    },
    close: async () => {
      client.kill("SIGKILL"); // the terminal is gone: its shell is told HUP
      await ended;
    },
  };
};

/** An interactive bash. */
export const openShell = (folder: string, env: Readonly<Record<string, string>> = {}): Terminal => {
  writeFileSync(join(folder, "rc"), "PS1='> '\n");
  return openTerminal(folder, "bash --noprofile --rcfile rc -i", env);
};
