#!/usr/bin/env bash
# Ends the engine that scripts/dockerd-up.sh started, with its containers, by the pid that it wrote, and removes what it left
# except its images (KGSYNC_DOCKER_PURGE=1: these too). No such engine: no effect. Never touches any other engine.
set -euo pipefail

dir=${KGSYNC_DOCKER_DIR:-${TMPDIR:-/tmp}/kgsync-docker}

# A pid file outlives a crash and its number may be somebody else's by now: only a process of that name and folder counts.
is_ours() { tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qF -- "$dir/"; }

end() { # pid file, seconds
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  if [ -n "$pid" ] && is_ours "$pid"; then
    kill -TERM "$pid" 2>/dev/null || true
    for _ in $(seq $(($2 * 10))); do
      is_ours "$pid" || break
      sleep 0.1
    done
    ! is_ours "$pid" || kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$1"
}

end "$dir/dockerd.pid" 60
# dockerd takes its containerd with it, unless it was killed.
end "$dir/exec/containerd/containerd.pid" 10
# Containers of a killed engine outlive it, each under a shim that names our socket.
for proc in /proc/[0-9]*; do
  pid=${proc#/proc/}
  case "$(cat "$proc/comm" 2>/dev/null)" in containerd-shim*) ;; *) continue ;; esac
  is_ours "$pid" || continue
  read -ra inside <<<"$(cat "$proc"/task/*/children 2>/dev/null | tr '\n' ' ')"
  kill -KILL "${inside[@]}" "$pid" 2>/dev/null || true
done
if [ -d "$dir" ]; then
  # A killed engine leaves mounts (containers' roots, network namespaces): nothing below them may be removed while they stand.
  awk -v dir="$dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r mount; do
    umount -l "$mount" 2>/dev/null || true
  done
  rm -rf "$dir/exec" "$dir/docker.sock"
  [ "${KGSYNC_DOCKER_PURGE:-}" != 1 ] || rm -rf "$dir"
fi
