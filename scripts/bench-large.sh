#!/usr/bin/env bash
# Starts a real S3 server, measures one large graph beside rclone and the AWS CLI, and stops the server again.
# Needs: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common rclone awscli
set -euo pipefail
cd "$(dirname "$0")/.."
for program in rclone /usr/bin/aws; do
  command -v "$program" >/dev/null || { echo "bench-large: $program is not installed (Debian: rclone, awscli)" >&2; exit 1; }
done
if [ -z "${KGSYNC_TEST_S3_ENDPOINT:-}" ]; then
  RGW_DIR=$(mktemp -d "${TMPDIR:-/tmp}/kgsync-rgw.XXXXXX")
  export RGW_DIR
  trap scripts/rgw-down.sh EXIT
  RGW_STORE_BYTES=${RGW_STORE_BYTES:-$((8 * 1024 * 1024 * 1024))} scripts/rgw-up.sh
  # shellcheck source=/dev/null
  . "$RGW_DIR/env"
fi
PATH=$PWD/node_modules/.bin:$PATH node scripts/bench-large.ts "$@"
