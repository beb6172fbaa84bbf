#!/usr/bin/env bash
# Checks .github/workflows and deploy/ci with actionlint: the one in PATH, else the pinned one by a Go toolchain. Where there is
# neither it says so and is no failure: test/unit/deploy/workflows.test.ts looks at them everywhere.
set -euo pipefail
cd "$(dirname "$0")/.."
pinned=github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
if command -v actionlint >/dev/null; then
  run=(actionlint)
elif command -v go >/dev/null; then
  run=(go run "$pinned")
else
  echo "lint-workflows: not run: neither actionlint nor a Go toolchain is here"
  exit 0
fi
"${run[@]}" .github/workflows/*.yml deploy/ci/*.yml
echo "lint-workflows: nothing found"
