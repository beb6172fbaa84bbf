#!/bin/sh
# The obvious entrypoint, which kgsync is measured against (docs/rolling-updates.md): download, run the app, upload every
# $EVERY seconds (0: never) and at the end. It shows what is lost without conditional writes and a merge. Not for use.
bucket=$1 graph=$2
shift 2
mkdir -p "$(dirname "$graph")"
[ ! -f "$bucket" ] || cp "$bucket" "$graph"
upload() {
  at=$(date +%s%3N)
  cp "$graph" "$bucket.$$" && mv "$bucket.$$" "$bucket" && echo "uploaded $at"
}
"$@" &
app=$!
trap 'kill -TERM $app' TERM INT
if [ "$EVERY" != 0 ]; then
  while sleep "$EVERY"; do upload; done &
  timer=$!
fi
wait $app
wait $app
[ -z "$timer" ] || kill $timer
upload
