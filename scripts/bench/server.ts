import { spawnSync } from "node:child_process";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";

/**
 * Without what kgsync would refuse as an unknown setting, and without certificate authorities: the server speaks plain HTTP,
 * rclone 1.60 cannot read the first, and Node would load the second at each start.
 */
const { KGSYNC_TEST_S3_ENDPOINT, AWS_CA_BUNDLE: _aws, NODE_EXTRA_CA_CERTS: _node, ...rest } = process.env;

/** What every measured program gets. */
export const environment: Readonly<Record<string, string | undefined>> = rest;

/** Where the S3 server is. Throws when the shell script beside the measurement did not start one. */
export const serverEndpoint = (): string => {
  if (KGSYNC_TEST_S3_ENDPOINT === undefined)
    throw new Error("KGSYNC_TEST_S3_ENDPOINT is not set: run the .sh of this measurement, or npm run bench");
  return KGSYNC_TEST_S3_ENDPOINT;
};

/** rclone's remote `b:` on the server, without a file of settings. */
export const rcloneEnv = (server: string): Readonly<Record<string, string>> => ({
  RCLONE_CONFIG: "/dev/null",
  RCLONE_CONFIG_B_TYPE: "s3",
  RCLONE_CONFIG_B_PROVIDER: "Ceph",
  RCLONE_CONFIG_B_ENV_AUTH: "true",
  RCLONE_CONFIG_B_ENDPOINT: server,
});

/** A bucket for one measurement. `empty` removes what lies below a prefix, `close` all of it. */
export const openBucket = async (name: string) => {
  const client = new S3Client({ endpoint: serverEndpoint(), forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  const empty = async (prefix: string): Promise<void> => {
    for (;;) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name, Prefix: prefix }));
      if (Contents.length === 0) break;
      const Objects = Contents.map(({ Key }) => ({ Key }));
      await client.send(new DeleteObjectsCommand({ Bucket: name, Delete: { Objects, Quiet: true } }));
    }
    // Ceph keeps what was deleted for two hours. In memory, the next graph would find no room.
    const folder = process.env["RGW_DIR"];
    if (folder !== undefined)
      spawnSync("radosgw-admin", [
        ...["-c", join(folder, "ceph.conf"), "-n", "client.rgw"],
        ...["gc", "process", "--include-all"],
      ]);
  };
  const close = async (): Promise<void> => {
    await empty("");
    await client.send(new DeleteBucketCommand({ Bucket: name }));
    client.destroy();
  };
  return { client, name, empty, close };
};
