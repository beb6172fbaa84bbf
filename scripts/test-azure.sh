#!/usr/bin/env bash
# Runs the tests in test/azure against Azurite, Microsoft's emulator, which is 245 MB and so not in everybody's install: it is
# installed here, below test/azure, with the versions of its own lock. Arguments go to vitest.
# KGSYNC_TEST_AZURITE: the path of an azurite-blob that is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${KGSYNC_TEST_AZURITE:-}" ]; then
  export KGSYNC_TEST_AZURITE=$PWD/test/azure/node_modules/.bin/azurite-blob
  # npm notes what it has installed: nothing is fetched again for the same lock.
  if ! cmp -s test/azure/package-lock.json test/azure/node_modules/.kgsync-lock; then
    npm ci --ignore-scripts --prefix test/azure
    cp test/azure/package-lock.json test/azure/node_modules/.kgsync-lock
  fi
fi
PATH=$PWD/node_modules/.bin:$PATH vitest run --project azure "$@"
