#!/usr/bin/env bash
# Installs the real MCP memory server (test/mcp, about 30 MB, not a dependency of ours) and runs the tests that need it.
set -euo pipefail
cd "$(dirname "$0")/.."
npm ci --prefix test/mcp --no-audit --no-fund --ignore-scripts
exec npx vitest run --project mcp "$@"
