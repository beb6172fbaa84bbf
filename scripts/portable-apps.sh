#!/usr/bin/env bash
# Makes images that know nothing of kgsync, each with the same small app in C (test/docker/portable-app), to put the portable
# folder into:   scripts/portable-apps.sh BASE NAME     makes NAME-musl, NAME-scratch, NAME-distroless and NAME-debian
#   musl        the C library of Alpine, its loader, busybox; nothing of glibc
#   scratch     the app, static, and not even an /etc or a /tmp
#   distroless  glibc, /etc/passwd and the app; no shell
#   debian      BASE, a Debian with a shell, and the app
# Needs Debian's gcc, libc6-dev, musl-tools and busybox-static here, and DOCKER_HOST.
set -euo pipefail

base=$1
name=$2
cd "$(dirname "$0")/.."
source=$PWD/test/docker/portable-app/app.c
work=$(mktemp -d "${TMPDIR:-/tmp}/kgsync-apps.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
cd "$work"

for tool in gcc musl-gcc busybox; do
  command -v "$tool" >/dev/null || {
    echo "portable-apps: no $tool: apt-get install --no-install-recommends gcc libc6-dev musl-tools busybox-static" >&2
    exit 1
  }
done
compile() { # compiler, folder, options
  mkdir -p "$2"
  "$1" -O1 -Wall -Werror "${@:3}" -o "$2/app" "$source"
}
needed() { ldd "$1" | grep -o '/[^ ]*'; }

compile musl-gcc musl
# Debian's musl-gcc names the loader where Alpine has it too.
loader=$(readelf --program-headers musl/app | sed -n 's/.*interpreter: \(.*\)]/\1/p')
install -D -m 0755 "$(readlink -f "$loader")" "musl$loader"
install -D -m 0755 "$(command -v busybox)" musl/bin/busybox
ln -s busybox musl/bin/sh
# What an app's LD_LIBRARY_PATH may lead to: not for kgsync's Node.
mkdir -p musl/opt/broken
for library in libc.so.6 libm.so.6 libstdc++.so.6; do echo 'not a library' >"musl/opt/broken/$library"; done

compile gcc scratch -static

compile gcc distroless
needed distroless/app | while read -r library; do install -D -m 0755 "$(readlink -f "$library")" "distroless$library"; done
mkdir distroless/etc
echo 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin' >distroless/etc/passwd
echo 'hosts: files dns' >distroless/etc/nsswitch.conf

compile gcc debian

make_image() { # folder, what it starts from
  printf 'FROM %s\nCOPY %s/ /\n' "$2" "$1" | docker build --quiet --tag "$name-$1" --file - . >/dev/null
}
for folder in musl scratch distroless; do make_image "$folder" scratch; done
make_image debian "$base"
