#!/usr/bin/env bash
# Makes a stand-in for the Dockerfile's base, node:24-bookworm-slim, for machines that reach no image registry:
#   scripts/base-image.sh [NAME]        (default kgsync-base:node24)
# Debian bookworm (minimal) with tini, and with what the stage `portable` needs where a build has no network (patchelf,
# binutils), from this machine's own apt mirror, and the Node 24 of node_modules.
# An image of that name is kept while it has these packages (docker image rm it to make a new one). Needs root, debootstrap, npm ci, and DOCKER_HOST.
set -euo pipefail

name=${1:-kgsync-base:node24}
suite=bookworm
packages=tini,patchelf,binutils
root=$(cd "$(dirname "$0")/.." && pwd)
node=$root/node_modules/node/bin/node

fail() {
  printf 'base-image: %s\n' "$@" >&2
  exit 1
}

docker version >/dev/null 2>&1 || fail "no Docker engine answers: eval \"\$(scripts/dockerd-up.sh)\""
if [ "$(docker image inspect --format '{{index .Config.Labels "kgsync.packages"}}' "$name" 2>/dev/null)" = "$packages" ]; then
  echo "$name: is there"
  exit 0
fi
command -v debootstrap >/dev/null || fail "no debootstrap: apt-get install --no-install-recommends debootstrap"
[ "$(id -u)" = 0 ] || fail "debootstrap needs root"
[ -x "$node" ] || fail "no $node: npm ci"

# The mirror that apt is set to use here; debootstrap's own default where apt knows none.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Identifier: Packages' 2>/dev/null |
  awk -v suite=$suite '$2 == suite && $3 == "main" && $1 ~ /^https?:/ { print $1; exit }')

work=$(mktemp -d "${TMPDIR:-/tmp}/kgsync-base.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
fs=$work/fs
debootstrap --variant=minbase --include=$packages $suite "$fs" ${mirror:+"$mirror"} >"$work/log" 2>&1 || {
  tail -n 20 "$work/log" >&2
  fail "debootstrap failed"
}
rm -rf "$fs"/var/cache/apt/archives/*.deb "$fs"/var/lib/apt/lists/* "$fs"/usr/share/{man,locale,info}/* "$fs"/var/log/*.log
find "$fs/usr/share/doc" -type f ! -name copyright -delete
install -D -m 0755 "$node" "$fs/usr/local/bin/node"
# The official image's entrypoint is not copied: the Dockerfile sets its own.
tar -C "$fs" --numeric-owner -c . | docker import --change "LABEL kgsync.packages=$packages" \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'CMD ["node"]' - "$name" >/dev/null
echo "$name: made"
