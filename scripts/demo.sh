#!/bin/sh
# `npm run demo`: kgsync at work, here and now. Sets itself up: needs Node and npm, and changes nothing outside this folder.
set -eu
cd "$(dirname "$0")/.."
[ -x node_modules/.bin/esbuild ] || npm ci --no-audit --no-fund
PATH=$PWD/node_modules/.bin:$PATH
export PATH
node scripts/build.ts
exec node scripts/demo.ts
