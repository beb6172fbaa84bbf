import { type Finding, ok, problem } from "./finding.ts";
import { type ExposureFacts, judgeExposure } from "./judge-exposure.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What was seen of the ways to credentials for Google Cloud Storage. Never a value. */
export type GsCredentialFacts = ExposureFacts & {
  readonly env: Env;
  /** Whether the file in GOOGLE_APPLICATION_CREDENTIALS is there. */
  readonly named: boolean;
  /** Path of gcloud's own file, if it is there. */
  readonly gcloud: string | undefined;
};

/** In the order of Application Default Credentials. */
const judgeSource = ({ env, named, gcloud }: GsCredentialFacts): Finding => {
  const check = "credentials";
  const emulator = env["STORAGE_EMULATOR_HOST"] ?? "";
  if (emulator !== "") return ok(check, "none: STORAGE_EMULATOR_HOST is set, and an emulator needs none");
  const file = env["GOOGLE_APPLICATION_CREDENTIALS"] ?? "";
  if (file !== "" && !named) {
    const advice = "Mount it there, or take the variable away where the metadata server gives a service account.";
    return problem(check, "bucket-denied", `GOOGLE_APPLICATION_CREDENTIALS=${file}: no file is there`, advice);
  }
  if (file !== "") return ok(check, `the file ${file} in GOOGLE_APPLICATION_CREDENTIALS`);
  if (gcloud !== undefined) return ok(check, `gcloud's login, in ${gcloud}`);
  return ok(check, "the metadata server of GKE, Cloud Run or Compute Engine (nothing else is configured)");
};

/** Where the credentials come from. Whether they are good is for the bucket to say. */
export const judgeGsCredentials = (facts: GsCredentialFacts): readonly Finding[] => [
  judgeSource(facts),
  ...judgeExposure(facts),
];
