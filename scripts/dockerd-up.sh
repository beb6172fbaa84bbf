#!/usr/bin/env bash
# Makes sure that a Docker engine answers, and prints `export DOCKER_HOST=…` for it:  eval "$(scripts/dockerd-up.sh)"
#
# An engine that already answers (DOCKER_HOST, or the client's own default: a laptop, CI with Docker) is used as it is and
# never touched. Otherwise an engine of the tests' own is started: own data, own socket, no TCP, nothing shared with a
# system engine. scripts/dockerd-down.sh ends that one and only that one. May be run again at any time.
# Its folder: KGSYNC_DOCKER_DIR, else kgsync-docker below TMPDIR. Needs root, Linux and Debian's docker.io.
set -euo pipefail

dir=${KGSYNC_DOCKER_DIR:-${TMPDIR:-/tmp}/kgsync-docker}
own="unix://$dir/docker.sock"

fail() {
  printf 'dockerd-up: %s\n' "$@" >&2
  exit 1
}
answers() { timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

command -v docker >/dev/null || fail "no docker client: apt-get install --no-install-recommends docker.io"

mkdir -p "$dir"
# One at a time: the second would take the first one's engine, still coming up, for a crashed one.
exec 9>"$dir/lock"
flock 9

# The own engine first: a DOCKER_HOST left over from it must not make it look like somebody else's.
if DOCKER_HOST=$own answers; then
  echo "export DOCKER_HOST=$own"
  exit 0
fi
if [ "${DOCKER_HOST:-}" != "$own" ] && answers; then
  [ -z "${DOCKER_HOST:-}" ] || echo "export DOCKER_HOST=$DOCKER_HOST"
  exit 0
fi

command -v dockerd >/dev/null || fail "no Docker engine answers, and there is no dockerd to start: apt-get install --no-install-recommends docker.io"
[ "$(id -u)" = 0 ] || fail "no Docker engine answers; starting one needs root"
for tool in iptables containerd; do
  command -v "$tool" >/dev/null || fail "no $tool: apt-get install --no-install-recommends $tool"
done

"$(dirname "$0")/dockerd-down.sh" 9>&- # what a crash left behind: a stale pid file refuses the next start
# Its own session: a Ctrl-C at the tests' terminal ends the tests, and they need the engine to clean up.
setsid dockerd --host "$own" --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/dockerd.pid" \
  >"$dir/dockerd.log" 2>&1 </dev/null 9>&- &
started=$!

deadline=$((SECONDS + 90))
until DOCKER_HOST=$own answers; do
  if ! kill -0 "$started" 2>/dev/null; then
    tail -n 20 "$dir/dockerd.log" >&2
    fail "dockerd ended by itself; its log is above and in $dir/dockerd.log"
  fi
  [ "$SECONDS" -lt "$deadline" ] || fail "dockerd does not answer after 90 s; see $dir/dockerd.log"
  sleep 0.1
done
echo "export DOCKER_HOST=$own"
