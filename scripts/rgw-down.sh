#!/usr/bin/env bash
# Stops what scripts/rgw-up.sh started, by the pids that it noted, and removes its folder.
#
# Environment:
#   RGW_DIR   as for rgw-up.sh (default ${TMPDIR:-/tmp}/kgsync-rgw)
#   RGW_KEEP  set to anything to keep the folder, with its logs
set -uo pipefail

dir=${RGW_DIR:-${TMPDIR:-/tmp}/kgsync-rgw}

# The noted pid may belong to another program by now: it is ours only while its command line names our folder.
ours() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF "$dir/ceph.conf"; }

for name in rgw osd mon; do
  [ -e "$dir/pids/$name" ] || continue
  pid=$(cat "$dir/pids/$name")
  ours "$pid" || continue
  kill "$pid" 2>/dev/null
  for ((i = 0; i < 100; i++)); do
    ours "$pid" || break
    sleep 0.1
  done
  if ours "$pid"; then kill -9 "$pid" 2>/dev/null; fi
done

if [ -z "${RGW_KEEP:-}" ] && [ -e "$dir/ceph.conf" ]; then rm -rf "$dir"; fi
echo "rgw-down: stopped"
