import { docker, runClient } from "./docker.ts";
import { SAMPLE_IMAGE } from "./docker-lab.ts";

/** The S3 server of the tests: SeaweedFS where it can be pulled, else what scripts/s3-image.sh builds. */
export const S3_IMAGE = process.env["KGSYNC_S3_IMAGE"] ?? "kgsync-test-s3:rgw";

/** Compose v2 where the client has it, else docker-compose 1.29. */
const findCompose = async (): Promise<readonly [string, ...string[]]> =>
  (await runClient("docker", ["compose", "version"])).code === 0 ? ["docker", "compose"] : ["docker-compose"];

/** `files`: in the place of docker-compose.yml; the later complete the earlier. `env`: what they are filled in with. */
type ComposeOptions = { readonly files?: readonly string[]; readonly env?: Readonly<Record<string, string>> };

/** The repository's own docker-compose.yml, unchanged, as a project of this name; or other files of its. */
export const createCompose = async (project: string, { files = [], env: more = {} }: ComposeOptions = {}) => {
  const [program, ...first] = await findCompose();
  const base = await docker(
    "inspect",
    "--format",
    '{{index .Config.Labels "org.opencontainers.image.base.name"}}',
    SAMPLE_IMAGE,
  );
  const env = { KGSYNC_S3_IMAGE: S3_IMAGE, KGSYNC_BASE_IMAGE: base, KGSYNC_DIST: "prebuilt", ...more };
  const named = files.flatMap((file) => ["--file", file]);

  const compose = async (...args: readonly string[]): Promise<string> => {
    const answer = await runClient(program, [...first, ...named, "--project-name", project, ...args], { env });
    if (answer.code !== 0) throw new Error(`compose ${args.join(" ")}: exit ${answer.code}: ${answer.stderr}`);
    return answer.stdout.toString().trimEnd();
  };
  /** The container of a service, running or not. */
  const container = async (service: string): Promise<string> => {
    const labels = [`label=com.docker.compose.project=${project}`, `label=com.docker.compose.service=${service}`];
    return docker("ps", "--all", "--quiet", "--no-trunc", ...labels.flatMap((label) => ["--filter", label]));
  };
  return { compose, container };
};
