import { expect, it } from "vitest";
import { type GsCredentialFacts, judgeGsCredentials } from "../../../src/core/doctor/judge-gs-credentials.ts";

const NOTHING: GsCredentialFacts = {
  env: {},
  named: false,
  gcloud: undefined,
  childEnv: "inherit",
  readable: [],
  lengths: {},
};
const FILE = { GOOGLE_APPLICATION_CREDENTIALS: "/run/account.json" };

it.each<[Partial<GsCredentialFacts>, string, string]>([
  [{}, "ok", "metadata server"],
  [{ gcloud: "/home/me/adc.json" }, "ok", "gcloud's login, in /home/me/adc.json"],
  [{ env: FILE, named: true, gcloud: "/home/me/adc.json" }, "ok", "the file /run/account.json"],
  [{ env: FILE, gcloud: "/home/me/adc.json" }, "problem", "/run/account.json: no file is there"],
  [{ env: { ...FILE, STORAGE_EMULATOR_HOST: "h:1" } }, "ok", "an emulator needs none"],
])("%j: %s, %s", (facts, status, words) => {
  const [source] = judgeGsCredentials({ ...NOTHING, ...facts });
  expect(source).toMatchObject({ check: "credentials", status });
  expect(source?.saw).toContain(words);
});
