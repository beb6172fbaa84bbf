import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { docker } from "../support/docker.ts";
import { createLab, SAMPLE_IMAGE } from "../support/docker-lab.ts";
import { openTerminal } from "../support/open-terminal.ts";
import { tempDir } from "../support/temp-dir.ts";

const lab = createLab();
const PATIENCE = { timeout: 60_000, interval: 20 };

test("docker run -it of a shell: job control, the window's size, stdin, and its exit code", async ({
  onTestFinished,
}) => {
  const folder = tempDir(onTestFinished);
  const run = `docker run --interactive --tty --cidfile id --label ${lab.label} --env KGSYNC_BUCKET=file:///data/bucket`;
  const terminal = openTerminal(folder, `${run} --env PS1='> ' ${SAMPLE_IMAGE} bash --norc --noprofile -i`);
  onTestFinished(terminal.close);
  const shows = (what: RegExp) => vi.waitFor(() => expect(terminal.screen()).toMatch(what), PATIENCE);
  await shows(/> /); // our log's first lines may come after it
  expect(terminal.screen()).not.toMatch(/no job control/);
  const id = readFileSync(join(folder, "id"), "utf8");
  const states = async () =>
    (await docker("exec", id, "sh", "-c", "cat /proc/[0-9]*/stat")).split("\n").map((line) => {
      const [, name, state] = /\((.*)\) (\w)/.exec(line) ?? [];
      return `${name} ${state}`;
    });
  terminal.type("sleep 500\n");
  await vi.waitFor(async () => expect(await states()).toContain("sleep S"), PATIENCE);
  terminal.type("\u001a");
  await vi.waitFor(async () => expect(await states()).toContain("sleep T"), PATIENCE);
  await shows(/Stopped +sleep 500/);
  expect((await states()).filter((line) => line.endsWith(" T"))).toEqual(["sleep T"]); // kgsync is not stopped with it
  terminal.type("fg\n");
  await vi.waitFor(async () => expect(await states()).toContain("sleep S"), PATIENCE);
  terminal.type("\u0003");
  await vi.waitFor(
    async () => expect((await states()).filter((line) => line.startsWith("sleep"))).toEqual([]),
    PATIENCE,
  );
  terminal.resize(41);
  terminal.type("until stty size | grep -q '^41 '; do sleep 0.1; done; echo re$((0))sized\n");
  await shows(/^re0sized\r$/m);
  terminal.type("read -r word; echo $((6 * 7)) $word\nspoken\n");
  await shows(/^42 spoken\r$/m);
  terminal.type("exit 5\n");
  expect(await docker("wait", id)).toBe("5");
});
