import { CONT, KILL, TERM } from "../../core/signals.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Group as Whole } from "./group.ts";

type Group = Pick<Whole, "members" | "sendToAll">;

const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 50;

const waitEmpty = async (group: Group, clock: Clock, limitMs: number, again: () => void): Promise<boolean> => {
  const start = clock.now().mono;
  let pause = FIRST_LOOK_MS;
  for (let members = group.members(); members.length > 0; members = group.members()) {
    // A stop may take effect only after the TERM that should have woken it: one inside vfork(2), for instance.
    if (members.some(({ stopped }) => stopped)) group.sendToAll(CONT);
    const left = limitMs - (clock.now().mono - start);
    if (left <= 0) return false;
    again();
    await clock.sleep(Math.min(pause, left));
    pause = Math.min(pause * 1.5, LAST_LOOK_MS);
  }
  return true;
};

/**
 * Ends what is left of the group before the files are read for the last time, so that nobody writes behind the last push:
 * TERM once, up to `quietMs`, then KILL until nobody is left. Costs one look when nobody is.
 * KILL is repeated: a member may have been forked between the look and the signal.
 */
export const endGroup = async (group: Group, clock: Clock, quietMs: number): Promise<void> => {
  if (group.members().length === 0) return;
  group.sendToAll(TERM);
  if (await waitEmpty(group, clock, quietMs, () => {})) return;
  await waitEmpty(group, clock, Number.POSITIVE_INFINITY, () => group.sendToAll(KILL));
};
