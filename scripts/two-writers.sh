#!/usr/bin/env bash
# Two wrappers with an app each on a real S3 server, with random kills: see two-writers.ts, whose options it takes.
# Starts Ceph RGW and stops it again, unless KGSYNC_BUCKET names another place.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${KGSYNC_BUCKET:-}" ]; then
  RGW_DIR=${RGW_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/kgsync-rgw.XXXXXX")}
  export RGW_DIR
  trap scripts/rgw-down.sh EXIT
  scripts/rgw-up.sh
  # shellcheck source=/dev/null
  . "$RGW_DIR/env"
  export AWS_ENDPOINT_URL_S3=$KGSYNC_TEST_S3_ENDPOINT
  export KGSYNC_BUCKET=s3://two-writers/$$
  unset KGSYNC_TEST_S3_ENDPOINT
fi
PATH=$PWD/node_modules/.bin:$PATH node scripts/two-writers.ts "$@"
