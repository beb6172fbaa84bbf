import { PHASES } from "../../core/lifecycle-types.ts";
import { allOk, readyChecks } from "../../core/monitor/probes.ts";
import { unsyncedMs, type View } from "../../core/monitor/view.ts";
import type { Instruments } from "./instruments.ts";

/** The gauges as they are at the moment of the scrape. A gauge without a value is not exported: 0 would be a claim. */
export const setGauges = (to: Instruments, view: View): void => {
  const { child, samples, ahead } = view.chronicle;
  to.unsyncedAge.set(unsyncedMs(view) / 1000);
  setOrLeave(to.lastSafe, view.lastSafeAt === undefined ? undefined : view.lastSafeAt / 1000);
  to.ahead.set(Number(ahead));
  to.ready.set(Number(allOk(readyChecks(view))));
  for (const phase of PHASES) to.phase.set({ phase }, Number(phase === view.phase));
  to.childUp.set(Number(child.up));
  setOrLeave(to.graphBytes, samples.at(-1)?.bytes);
  setOrLeave(to.graphLeaves, samples.at(-1)?.leaves);
  setOrLeave(to.leaseHeld, view.lease === undefined ? undefined : Number(view.lease.held));
  setOrLeave(to.leaseEpoch, view.lease?.epoch);
  to.build.set({ version: view.version, node: view.node }, 1);
  to.processStart.set(view.startedAt / 1000);
  to.processMemory.set(process.memoryUsage.rss());
  const { user, system } = process.cpuUsage();
  to.processCpu.reset();
  to.processCpu.inc((user + system) / 1e6);
};

/** A gauge of prom-client without labels begins with a sample of 0. */
const setOrLeave = (gauge: Instruments["lastSafe"], value: number | undefined): void => {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
};
