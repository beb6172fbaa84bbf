#!/usr/bin/env bash
# The container tests and the rolling updates, with everything that they need:
#   scripts/test-docker.sh [--table | vitest options]     --table: prints the table of docs/rolling-updates.md instead
# An engine (the one that answers, else an own one: scripts/dockerd-up.sh), a base image and an S3 server's (pulled, else made
# here), kgsync's image and the sample app's, then vitest. Without an engine it fails; nothing is skipped.
# Settings: KGSYNC_BASE_IMAGE, KGSYNC_S3_IMAGE (images to use), KGSYNC_TEST_KEEP_ENGINE=1 (leave an own engine running).
set -euo pipefail

cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

fail() {
  printf 'test-docker: %s\n' "$@" >&2
  exit 1
}
[ -x node_modules/node/bin/node ] || fail "no node_modules: npm ci"
docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null ||
  fail "no compose: apt-get install --no-install-recommends docker-compose"

# An own engine that was up before is left up: somebody is working with it.
own=${KGSYNC_DOCKER_DIR:-${TMPDIR:-/tmp}/kgsync-docker}/docker.sock
was_up=$(DOCKER_HOST=unix://$own timeout 20 docker version >/dev/null 2>&1 && echo yes || echo no)
end_engine() { [ "$was_up" = yes ] || [ "${KGSYNC_TEST_KEEP_ENGINE:-}" = 1 ] || scripts/dockerd-down.sh; }
trap end_engine EXIT
engine=$(scripts/dockerd-up.sh)
eval "$engine"

# image to use if it can be had, script that makes a stand-in, the stand-in's name
image_or() {
  if docker image inspect "$1" >/dev/null 2>&1 || timeout 180 docker pull --quiet "$1" >/dev/null 2>&1; then
    echo "$1"
  else
    "$2" "$3" >&2
    echo "$3"
  fi
}
base_image=${KGSYNC_BASE_IMAGE:-$(image_or node:24-bookworm-slim scripts/base-image.sh kgsync-base:node24)}
export KGSYNC_BASE_IMAGE=$base_image
s3_image=${KGSYNC_S3_IMAGE:-$(image_or chrislusf/seaweedfs:4.44 scripts/s3-image.sh kgsync-test-s3:rgw)}
export KGSYNC_S3_IMAGE=$s3_image

npm run -s build
build() { # target, name
  local log
  log=$(docker build --build-arg "BASE=$KGSYNC_BASE_IMAGE" --build-arg DIST=prebuilt --target "$1" --tag "$2" . 2>&1) || {
    printf '%s\n' "$log" | tail -n 60 >&2
    fail "the image for $2 does not build"
  }
}
build runtime kgsync:test
build inject kgsync-inject:test
build dist kgsync-dist:test
scripts/portable-apps.sh "$KGSYNC_BASE_IMAGE" kgsync-app
build sample kgsync-sample:test
scripts/inits-image.sh kgsync-sample:test kgsync-inits:test

case "${1:-}" in
--table) node scripts/rolling-updates.ts ;;
*) vitest run --project docker --project swarm "$@" ;;
esac
