#!/usr/bin/env bash
# Runs the tests in test/s3 against SeaweedFS, built once by a Go toolchain and kept in the cache. Building takes minutes and
# 1 GB of the disk, so it is done only when KGSYNC_TEST_SEAWEEDFS=1 asks for it; without a binary nothing is run, and that is
# said. Arguments go to vitest.
#
# Environment:
#   KGSYNC_TEST_SEAWEEDFS  1: build it if it is not in the cache
#   XDG_CACHE_HOME         where it is kept, below kgsync-test (default ~/.cache)
#   SEAWEEDFS_PORT         its S3 port, 127.0.0.1 only (default 8333); the others follow from 9333 on
set -euo pipefail
cd "$(dirname "$0")/.."

module=github.com/seaweedfs/seaweedfs
version=v0.0.0-20261109003541-7506e5f91cd6
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kgsync-test
weed=$cache/weed-$version
port=${SEAWEEDFS_PORT:-8333}

# `go install` refuses the replace directives of its go.mod, so it is built in a copy of the module.
build() {
  local source
  command -v go >/dev/null || { echo "test-seaweedfs: KGSYNC_TEST_SEAWEEDFS=1 needs a Go toolchain" >&2; return 1; }
  source=$(go mod download -json "$module@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [ -d "$source" ] || { echo "test-seaweedfs: $module@$version cannot be downloaded" >&2; return 1; }
  mkdir -p "$cache"
  cp -r "$source" "$work/source"
  chmod -R u+w "$work/source"
  (cd "$work/source" && go build -o "$weed.new" ./weed)
  mv "$weed.new" "$weed"
  rm -rf "$work/source"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/kgsync-seaweedfs.XXXXXX")
pid=
stop() {
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop EXIT

if [ ! -x "$weed" ]; then
  if [ "${KGSYNC_TEST_SEAWEEDFS:-}" != 1 ]; then
    echo "not run: SeaweedFS is not in $cache; KGSYNC_TEST_SEAWEEDFS=1 builds it (Go, some minutes)"
    exit 0
  fi
  build
fi

export AWS_ACCESS_KEY_ID=kgsynctest AWS_SECRET_ACCESS_KEY=kgsynctestsecret AWS_REGION=us-east-1
mkdir "$work/data"
"$weed" mini -dir="$work/data" -ip=127.0.0.1 -ip.bind=127.0.0.1 -s3.port="$port" -webdav=false \
  -admin.ui=false -s3.autoCreateBucket=false \
  >"$work/log" 2>&1 </dev/null &
pid=$!
for ((i = 0; i < 600; i++)); do
  kill -0 "$pid" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  if curl --silent --fail --output /dev/null "http://127.0.0.1:$port/healthz"; then break; fi
  sleep 0.1
done
export KGSYNC_TEST_S3_ENDPOINT=http://127.0.0.1:$port
scripts/test-s3.sh "$@" || { tail -50 "$work/log" >&2; exit 1; }
