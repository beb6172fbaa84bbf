#!/usr/bin/env bash
# Runs the tests in test/gcs against fake-gcs-server, an emulator of Google Cloud Storage (Google gives none away for this API
# that can be had as a package). It is built from its module, once, where a Go toolchain is at hand; where there is none this
# says so and runs nothing. Arguments go to vitest.
# KGSYNC_TEST_FAKE_GCS: the path of a fake-gcs-server that is there already.
set -euo pipefail
cd "$(dirname "$0")/.."
version=v1.56.1

if [ -z "${KGSYNC_TEST_FAKE_GCS:-}" ]; then
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/kgsync-test/fake-gcs-server-$version
  if [ ! -x "$cache/fake-gcs-server" ]; then
    if ! command -v go >/dev/null; then
      echo "not run: fake-gcs-server: no Go toolchain"
      exit 0
    fi
    mkdir -p "$cache"
    GOBIN=$cache CGO_ENABLED=0 GOFLAGS=-mod=mod go install "github.com/fsouza/fake-gcs-server@$version"
  fi
  export KGSYNC_TEST_FAKE_GCS=$cache/fake-gcs-server
fi
PATH=$PWD/node_modules/.bin:$PATH vitest run --project gcs "$@"
