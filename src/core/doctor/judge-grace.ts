import { formatDuration } from "../duration.ts";
import { planStop } from "../stop-plan.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** What is known of the time that the platform gives. */
export type GraceFacts = {
  /** KGSYNC_GRACE, in milliseconds. */
  readonly graceMs: number;
  /** Somebody chose it; else it is the platform's own default. */
  readonly chosen: boolean;
  readonly platform: "kubernetes" | "container" | "host";
};

/** `docker stop` (docs.docker.com, "docker container stop") and the pod template's default. */
const DEFAULT_MS = { container: 10_000, kubernetes: 30_000 } as const;
const WHERE = {
  container: "`docker stop -t`, `stop_grace_period` or `stopTimeout`",
  kubernetes: "terminationGracePeriodSeconds (a preStop hook eats of it)",
} as const;

const roundSeconds = (ms: number): string => `${Math.round(ms / 100) / 10}s`;

/**
 * The real grace cannot be seen from inside a container. A value above the platform's default is right only where somebody has
 * raised the platform's too, and then the last push depends on the two being the same.
 */
export const judgeGrace = ({ graceMs, chosen, platform }: GraceFacts): Finding => {
  const check = "grace";
  const { killAt, exitAt } = planStop(graceMs, 0);
  const split = `the app has ${roundSeconds(killAt)} to stop, the last push ${roundSeconds(exitAt - killAt)}`;
  const grace = formatDuration(graceMs);
  if (platform === "host") return ok(check, `${grace}: ${split}; nobody is known here who would end it sooner`);
  const usual = DEFAULT_MS[platform];
  if (graceMs > usual)
    return warning(
      check,
      `${grace} (${split}) is more than the ${formatDuration(usual)} that this platform gives by default`,
      `See that ${WHERE[platform]} is at least ${grace}; otherwise the last push is cut off.`,
    );
  const assumed = chosen ? "" : ", assumed";
  return ok(check, `${grace}${assumed}: ${split}; it holds if ${WHERE[platform]} is no less`);
};
