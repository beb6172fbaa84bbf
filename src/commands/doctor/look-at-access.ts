import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { nodeKnowsProxies } from "../../adapters/transfer/node-knows-proxies.ts";
import { googleEndpoint } from "../../config/google-endpoint.ts";
import type { LoadedConfig } from "../../config/load.ts";
import type { Environment } from "../../config/read-setting.ts";
import type { Finding } from "../../core/doctor/finding.ts";
import { judgeAzCredentials } from "../../core/doctor/judge-az-credentials.ts";
import { judgeCredentials } from "../../core/doctor/judge-credentials.ts";
import { judgeGitCredentials } from "../../core/doctor/judge-git-credentials.ts";
import { judgeGsCredentials } from "../../core/doctor/judge-gs-credentials.ts";
import { judgeNetwork } from "../../core/doctor/judge-network.ts";
import { exposureFacts } from "./look-around.ts";

const lookAtS3 = (loaded: LoadedConfig, env: Environment): readonly Finding[] => {
  const { config, sources } = loaded;
  const home = env["HOME"] ?? homedir();
  const files = [
    env["AWS_SHARED_CREDENTIALS_FILE"] ?? join(home, ".aws/credentials"),
    env["AWS_CONFIG_FILE"] ?? join(home, ".aws/config"),
  ];
  const source = sources.s3AccessKeyId;
  const from = source.from === "file" ? ({ from: "file", path: source.path } as const) : ({ from: "env" } as const);
  const own = config.s3AccessKeyId === undefined ? undefined : from;
  const ignored = env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] === "true";
  const endpoint = ignored ? undefined : env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"] || undefined;
  return [
    ...judgeCredentials({ ...exposureFacts(loaded, env), env, own, files: files.filter((path) => existsSync(path)) }),
    ...judgeNetwork({ ...network(env), service: "AWS", caVariable: "AWS_CA_BUNDLE", endpoint }),
  ];
};

const lookAtAz = (loaded: LoadedConfig, env: Environment): readonly Finding[] => [
  ...judgeAzCredentials({ ...exposureFacts(loaded, env), env }),
  ...judgeNetwork({
    ...network(env),
    service: "Azure",
    caVariable: "NODE_EXTRA_CA_CERTS",
    endpoint: env["AZURE_STORAGE_SERVICE_ENDPOINT"] || undefined,
  }),
];

const lookAtGs = (loaded: LoadedConfig, env: Environment): readonly Finding[] => {
  const folder = env["CLOUDSDK_CONFIG"] || join(env["HOME"] ?? homedir(), ".config/gcloud");
  const gcloud = join(folder, "application_default_credentials.json");
  return [
    ...judgeGsCredentials({
      ...exposureFacts(loaded, env),
      env,
      named: existsSync(env["GOOGLE_APPLICATION_CREDENTIALS"] ?? ""),
      gcloud: existsSync(gcloud) ? gcloud : undefined,
    }),
    ...judgeNetwork({
      ...network(env),
      service: "Google",
      caVariable: "NODE_EXTRA_CA_CERTS",
      endpoint: googleEndpoint(env).endpoint,
    }),
  ];
};

const lookAtGit = (loaded: LoadedConfig, env: Environment, remote: string): readonly Finding[] => {
  const home = env["HOME"] ?? homedir();
  const names = remote.startsWith("ssh:") ? [".ssh"] : [".gitconfig", ".netrc", ".git-credentials"];
  const source = loaded.sources.gitToken;
  const from = source.from === "file" ? ({ from: "file", path: source.path } as const) : ({ from: "env" } as const);
  const own = loaded.config.gitToken === undefined ? undefined : from;
  const files = names.map((name) => join(home, name)).filter((path) => existsSync(path));
  return judgeGitCredentials({ ...exposureFacts(loaded, env), env, remote, own, files });
};

const network = (env: Environment) => ({ env, nodeKnowsProxies: nodeKnowsProxies(process.version) });

/** How the bucket is reached, as configured: by which credentials, over which network. A line for each kind of bucket. */
export const lookAtAccess = (loaded: LoadedConfig, env: Environment): readonly Finding[] => {
  const { bucket } = loaded.config;
  switch (bucket.scheme) {
    case "s3":
      return lookAtS3(loaded, env);
    case "az":
      return lookAtAz(loaded, env);
    case "gs":
      return lookAtGs(loaded, env);
    case "git":
      return lookAtGit(loaded, env, bucket.remote);
    default:
      return [];
  }
};
