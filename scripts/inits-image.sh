#!/usr/bin/env bash
# Makes an image of the tests that has other inits beside kgsync's own: dumb-init, catatonit and s6.
#   scripts/inits-image.sh FROM NAME
# The packages come from this machine's apt mirror, not from within the build, which may have no network. Needs Debian
# (the base image's release, or an older one) and DOCKER_HOST.
set -euo pipefail

from=$1
name=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/kgsync-inits.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
chmod 0755 "$work"

cd "$work"
# A release's libraries carry their versions in their names: s6 is asked what it needs. The C library is everybody's.
fetch() {
  local libraries
  mapfile -t libraries < <(apt-cache depends s6 | awk '$1 == "Depends:" && $2 != "libc6" { print $2 }')
  [ "${#libraries[@]}" -gt 0 ] && apt-get download -q dumb-init catatonit s6 "${libraries[@]}"
}
fetch >log 2>&1 || { apt-get update -q && fetch; } >log 2>&1 || {
  tail -n 5 log >&2
  echo "inits-image: dumb-init, catatonit and s6 cannot be had from apt" >&2
  exit 1
}
for package in *.deb; do dpkg -x "$package" fs; done
rm -rf fs/usr/share
# s6-svscan runs what is in its folder, and at its end .s6-svscan/finish. The app is given by the environment.
mkdir -p fs/etc/s6-test/app fs/etc/s6-test/.s6-svscan
printf '#!/bin/sh\nexec kgsync run -- sh -c "$APP"\n' >fs/etc/s6-test/app/run
printf '#!/bin/sh\nexit 0\n' >fs/etc/s6-test/.s6-svscan/finish
chmod 0755 fs/etc/s6-test/app/run fs/etc/s6-test/.s6-svscan/finish
docker build --quiet --tag "$name" --file - . >/dev/null <<DOCKERFILE
FROM $from
COPY fs/ /
DOCKERFILE
