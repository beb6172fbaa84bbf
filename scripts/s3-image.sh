#!/usr/bin/env bash
# Builds the tests' S3 server image where SeaweedFS's cannot be pulled (test/docker/s3-image says what it is):
#   scripts/s3-image.sh [NAME]          (default kgsync-test-s3:rgw)
#   KGSYNC_S3_IMAGE=kgsync-test-s3:rgw docker compose up
# Needs Debian's packages (bookworm), and a base image: KGSYNC_BASE_IMAGE, else the one of scripts/base-image.sh.
# An image of that name is kept while its files here are unchanged.
set -euo pipefail

cd "$(dirname "$0")/.."
name=${1:-kgsync-test-s3:rgw}
base=${KGSYNC_BASE_IMAGE:-kgsync-base:node24}
source=$(cat test/docker/s3-image/* | sha256sum | cut -d' ' -f1)

if [ "$(docker image inspect --format '{{index .Config.Labels "kgsync.source"}}' "$name" 2>/dev/null)" = "$source" ]; then
  echo "$name: is there"
  exit 0
fi
[ -n "${KGSYNC_BASE_IMAGE:-}" ] || scripts/base-image.sh "$base"
# The host's network: where apt reaches its mirror only from there.
log=$(docker build --network host --build-arg "BASE=$base" --label "kgsync.source=$source" --tag "$name" test/docker/s3-image 2>&1) || {
  printf '%s\n' "$log" | tail -n 40 >&2
  echo "s3-image: the build failed" >&2
  exit 1
}
echo "$name: made"
