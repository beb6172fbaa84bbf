type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that say where credentials are to come from, in the SDK's order, and what to look at when none come. */
const WAYS: readonly (readonly [variables: readonly string[], hint: string])[] = [
  [
    ["AWS_PROFILE"],
    "AWS_PROFILE is set: check that profile in AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, and that its role may be assumed.",
  ],
  [
    ["AWS_WEB_IDENTITY_TOKEN_FILE"],
    "Web identity is set: check that AWS_WEB_IDENTITY_TOKEN_FILE can be read, and that the role in AWS_ROLE_ARN trusts this service account.",
  ],
  [
    ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
    "A container endpoint is set: check that the agent behind AWS_CONTAINER_CREDENTIALS_FULL_URI runs, and that this pod or task has a role.",
  ],
];

const NONE =
  "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the container a role (web identity, pod identity, instance).";

/**
 * What to do when the SDK found no credentials. It says of most ways only that none had any, not which was tried and why it
 * failed, and the environment tells at least which one was meant.
 */
export const credentialsHint = (env: Environment): string =>
  WAYS.find(([variables]) => variables.some((name) => (env[name] ?? "") !== ""))?.[1] ?? NONE;
