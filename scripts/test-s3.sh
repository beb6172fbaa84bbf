#!/usr/bin/env bash
# Runs the tests in test/s3 against a real S3 server: starts Ceph RGW, and always stops it again.
# Arguments go to vitest. To test another server, set KGSYNC_TEST_S3_ENDPOINT and the AWS variables instead.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${KGSYNC_TEST_S3_ENDPOINT:-}" ]; then
  RGW_DIR=${RGW_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/kgsync-rgw.XXXXXX")}
  export RGW_DIR
  trap scripts/rgw-down.sh EXIT
  scripts/rgw-up.sh
  # shellcheck source=/dev/null
  . "$RGW_DIR/env"
fi
PATH=$PWD/node_modules/.bin:$PATH vitest run --project s3 "$@"
