import { SHORTEST_SECRET } from "../shortest-secret.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** Who can see the credentials. Never a value. */
export type ExposureFacts = {
  /** KGSYNC_CHILD_ENV. */
  readonly childEnv: "inherit" | "clean";
  /** Which environments of kgsync's, and of what stands before it, a program of this user can read in /proc. */
  readonly readable: readonly string[];
  /** Of every secret that is set, the length. */
  readonly lengths: Readonly<Record<string, number>>;
};

const judgeChild = ({ childEnv, readable }: ExposureFacts): Finding => {
  const check = "credentials.child";
  const clean = "KGSYNC_CHILD_ENV=clean: the app's environment is without them";
  if (childEnv === "inherit")
    return ok(
      check,
      "the app's environment has them too, as far as they are in this one (KGSYNC_CHILD_ENV=clean keeps them from it)",
    );
  if (readable.length === 0) return ok(check, `${clean}, and no program of this user can read kgsync's`);
  return warning(
    check,
    `${clean}, but a program of this user can read ${readable.join(" and ")}`,
    "Take kgsync's image, whose Node and tini are execute-only, not as root and without another init in front.",
  );
};

/** Whether the app, and whoever reads the log, can see the bucket's credentials. */
export const judgeExposure = (facts: ExposureFacts): readonly Finding[] => [
  judgeChild(facts),
  ...Object.entries(facts.lengths)
    .filter(([, length]) => length < SHORTEST_SECRET)
    .map(([name]) =>
      warning(
        "credentials.short",
        `${name} is shorter than ${SHORTEST_SECRET} characters: it is not taken out of log lines`,
        "Use a real one; this is fine for a trial server only.",
      ),
    ),
];
