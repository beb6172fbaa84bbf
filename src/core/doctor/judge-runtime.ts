import { compareSemver } from "../semver.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** What was seen of the process and its surroundings. */
export type RuntimeFacts = {
  /** process.version. */
  readonly node: string;
  readonly platform: "kubernetes" | "container" | "host";
  /** The name of process 1 (proc_pid_comm(5)); `undefined` where there is no /proc. */
  readonly init: string | undefined;
  /** Where tini was found; `undefined`: nowhere. */
  readonly tini: string | undefined;
};

/** `engines` of package.json: process.execve and the rest of what the program stands on. */
const OLDEST_NODE = "22.15.0";

const judgeNode = (node: string): Finding =>
  (compareSemver(node, OLDEST_NODE) ?? -1) < 0
    ? problem("node", "config-invalid", `Node ${node}`, `Run Node ${OLDEST_NODE} or later; 24 is what is tested.`)
    : ok("node", `Node ${node}`);

const judgeInit = ({ platform, init, tini }: RuntimeFacts): Finding => {
  const found = tini === undefined ? "tini was not found" : `tini is ${tini}`;
  if (platform !== "host" && tini === undefined && (init === undefined || /^node/i.test(init)))
    return warning(
      "init",
      `process 1 is ${init ?? "unknown"}, and ${found}: orphaned processes stay as zombies`,
      "Put tini into the image, or start the container with an init (`docker run --init`).",
    );
  return ok("init", init === undefined ? found : `process 1 is ${init}; ${found}`);
};

/** Node's version, and who reaps processes that nobody waits for. */
export const judgeRuntime = (facts: RuntimeFacts): readonly Finding[] => [judgeNode(facts.node), judgeInit(facts)];
