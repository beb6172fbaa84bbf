import { SHORTEST_SECRET } from "../shortest-secret.ts";
import { type Finding, ok, warning } from "./finding.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What was seen of the ways to credentials. Never a value. */
export type CredentialFacts = {
  readonly env: Env;
  /** KGSYNC_S3_ACCESS_KEY_ID is set, and where it came from: `env`, or the path of its file. */
  readonly own: { readonly from: "env" } | { readonly from: "file"; readonly path: string } | undefined;
  /** Paths of AWS's own files that are there. */
  readonly files: readonly string[];
  /** KGSYNC_CHILD_ENV. */
  readonly childEnv: "inherit" | "clean";
  /** Which environments of kgsync's, and of what stands before it, a program of this user can read in /proc. */
  readonly readable: readonly string[];
  /** Of every secret that is set, the length. */
  readonly lengths: Readonly<Record<string, number>>;
};

const isSet = (env: Env, name: string): boolean => (env[name] ?? "") !== "";

/** In the order of the SDK's chain (AWS SDK for JavaScript v3, "Default credential provider chain"). */
const sourceOf = ({ env, own, files }: CredentialFacts): string | undefined => {
  if (own !== undefined)
    return own.from === "file" ? `kgsync's own key, from the file ${own.path}` : "kgsync's own key, from KGSYNC_S3_*";
  const profile = env["AWS_PROFILE"];
  const keys = isSet(env, "AWS_ACCESS_KEY_ID") && isSet(env, "AWS_SECRET_ACCESS_KEY");
  // The SDK leaves the environment's key out when a profile is named.
  if (keys && !isSet(env, "AWS_PROFILE"))
    return `the environment: AWS_ACCESS_KEY_ID${isSet(env, "AWS_SESSION_TOKEN") ? " with a session token" : ""}`;
  if (files.length > 0 || profile !== undefined) {
    const found = files.length > 0 ? files.join(", ") : "no file is there";
    return `the profile ${profile ?? "default"} (${found})`;
  }
  return roleOf(env);
};

/** What the platform gives without a key of one's own. */
const roleOf = (env: Env): string | undefined => {
  if (isSet(env, "AWS_WEB_IDENTITY_TOKEN_FILE") && isSet(env, "AWS_ROLE_ARN"))
    return `web identity: the token in ${env["AWS_WEB_IDENTITY_TOKEN_FILE"]} for ${env["AWS_ROLE_ARN"]}`;
  if (isSet(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || isSet(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    return "the container's credentials endpoint (ECS task role, EKS Pod Identity)";
  return isSet(env, "AWS_EC2_METADATA_DISABLED") && env["AWS_EC2_METADATA_DISABLED"] === "true"
    ? undefined
    : "the instance's metadata service (nothing else is configured)";
};

const judgeChild = ({ childEnv, readable }: CredentialFacts): Finding => {
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

/** Where the bucket's credentials come from. Whether they are good is for the bucket to say. */
export const judgeCredentials = (facts: CredentialFacts): readonly Finding[] => {
  const check = "credentials";
  const source = sourceOf(facts);
  const short = Object.entries(facts.lengths).filter(([, length]) => length < SHORTEST_SECRET);
  return [
    source === undefined
      ? warning(
          check,
          "none are configured",
          "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the container a role.",
        )
      : ok(check, source),
    judgeChild(facts),
    ...short.map(([name]) =>
      warning(
        "credentials.short",
        `${name} is shorter than ${SHORTEST_SECRET} characters: it is not taken out of log lines`,
        "Use a real one; this is fine for a trial server only.",
      ),
    ),
  ];
};
