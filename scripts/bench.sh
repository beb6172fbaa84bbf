#!/usr/bin/env bash
# Starts a real S3 server (unless KGSYNC_TEST_S3_ENDPOINT and the AWS variables name one), runs a measurement against it, and
# stops the server again.
#   scripts/bench.sh NAME [options]    NAME as in scripts/NAME.ts: bench, bench-start, bench-bulk, bench-large, bench-save
# Needs: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common
# Measures beside what is installed of: apt-get install rclone awscli tini; s5cmd (a release from GitHub).
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/node_modules/.bin:$PATH
name=$1
shift
case " $* " in *" --from "*) exec node "scripts/$name.ts" "$@" ;; esac # measured already: no server is needed
if [ -z "${KGSYNC_TEST_S3_ENDPOINT:-}" ]; then
  RGW_DIR=$(mktemp -d "${TMPDIR:-/tmp}/kgsync-rgw.XXXXXX")
  export RGW_DIR RGW_STORE_BYTES=${RGW_STORE_BYTES:-$((12 * 1024 * 1024 * 1024))}
  trap 'scripts/rgw-down.sh >&2' EXIT
  scripts/rgw-up.sh >&2
  # shellcheck source=/dev/null
  . "$RGW_DIR/env"
fi
node "scripts/$name.ts" "$@"
