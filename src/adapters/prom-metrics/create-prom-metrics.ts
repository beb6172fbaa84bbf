import { CHILD_ENDS, DIRECTIONS, type Happening, MERGE_RESULTS, PUSH_RESULTS } from "../../core/monitor/happening.ts";
import type { Exposition } from "../../ports/metrics.ts";
import { createInstruments, type Instruments } from "./instruments.ts";
import { setGauges } from "./set-gauges.ts";

/** The metrics of this process by prom-client. Two of them share nothing. */
export const createPromMetrics = (): Exposition => {
  const instruments = createInstruments();
  beginAtZero(instruments);
  return {
    contentType: instruments.registry.contentType,
    note: (happening) => count(instruments, happening),
    expose: (view) => {
      setGauges(instruments, view);
      return instruments.registry.metrics();
    },
  };
};

/** What was never seen at 0 shows no increase when it is 1 for the first time. */
const beginAtZero = ({ backups, childExits, merges, pulls, pushes }: Instruments): void => {
  for (const result of PUSH_RESULTS) pushes.inc({ result }, 0);
  for (const result of MERGE_RESULTS) merges.inc({ result }, 0);
  for (const result of ["ok", "failed"]) pulls.inc({ result }, 0);
  for (const how of CHILD_ENDS) childExits.inc({ how }, 0);
  for (const direction of DIRECTIONS) backups.inc({ direction }, 0);
};

const count = (to: Instruments, happening: Happening): void => {
  switch (happening.type) {
    case "request":
      countRequest(to, happening);
      break;
    case "push":
      to.pushes.inc({ result: happening.result });
      if (happening.result === "stored") to.pushSeconds.observe(happening.ms / 1000);
      break;
    case "pull":
      to.pulls.inc({ result: happening.ok ? "ok" : "failed" });
      if (happening.ok) to.pullSeconds.observe(happening.ms / 1000);
      break;
    case "merge":
      to.merges.inc({ result: happening.result });
      to.conflicts.inc(happening.conflicts);
      break;
    case "backups":
      to.backups.inc({ direction: happening.direction }, happening.files);
      break;
    case "child-started":
      to.childStarts.inc();
      break;
    case "child-ended":
      to.childExits.inc({ how: happening.how });
      break;
    case "lease-lost":
      to.leaseLost.inc();
      break;
    default: // the view tells it
  }
};

const countRequest = (
  { requests, requestSeconds, sent, received }: Instruments,
  request: Extract<Happening, { readonly type: "request" }>,
): void => {
  const { operation, outcome } = request;
  requests.inc({ operation, outcome });
  requestSeconds.observe({ operation }, request.ms / 1000);
  sent.inc(request.sent);
  received.inc(request.received);
};
