import { createRedact } from "../adapters/redact.ts";
import { serveHttp } from "../adapters/serve-http.ts";
import { createLateExposition } from "../app/late-exposition.ts";
import { createMonitor, type Known, type Monitor } from "../app/monitor.ts";
import { createMonitorRoute } from "../app/monitor-route.ts";
import type { ListenAddress } from "../config/listen-address.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../ports/log.ts";
import { VERSION } from "../version.ts";
import { type Program, secretsOf } from "./program.ts";

export type Http = {
  readonly monitor: Monitor;
  /** Rejects with `config-invalid` when the address cannot be had. */
  readonly listen: (known: Known) => Promise<void>;
  /** Ends what is open. May be called at any time. */
  readonly close: () => void;
};

/** KGSYNC_HTTP: watches from the first moment, and answers from `listen` on. */
export const openHttp = (
  program: Program,
  config: Config,
  { host, port }: ListenAddress,
  beside: boolean,
  log: Log,
): Http => {
  const late = createLateExposition(async () => {
    const { createPromMetrics } = await import("../adapters/prom-metrics/create-prom-metrics.ts");
    return createPromMetrics();
  });
  const redact = createRedact(secretsOf(program, config), program.rotated);
  const options = config.mergeKeys === undefined ? {} : { identityAt: config.mergeKeys };
  const monitor = createMonitor({
    clock: program.clock,
    counting: late,
    redact,
    loadCompare: async () => {
      const { compareGraphs } = await import("../core/monitor/graph-change.ts");
      return (from, to) => compareGraphs(from, to, options, redact);
    },
    about: { version: VERSION, node: process.version, readyWhen: config.readyWhen, beside, lease: config.lease },
  });
  let end = (): void => undefined;
  return {
    monitor,
    listen: async (known) => {
      const route = createMonitorRoute(() => monitor.view(known), late.open, program.random);
      const { address, close } = await serveHttp(host, port, route);
      end = close;
      log.info("http.listening", "probes, metrics and the page are served", { address });
    },
    close: () => end(),
  };
};
