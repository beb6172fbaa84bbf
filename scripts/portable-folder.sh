#!/bin/sh
# Makes /opt/kgsync a folder that needs nothing of the image it is copied into: its own Node, tini, shell for the entry script,
# and the C library, with its loader, that Node and the shell are linked to. For the Dockerfile's stage `portable`; nothing here
# names an architecture. Needs Debian 12 or newer (glibc 2.34: names are resolved without plug-ins), patchelf and binutils.
set -eu

folder=/opt/kgsync
cd "$folder"
install -m 0755 /usr/local/bin/node node
install -m 0755 "$(readlink -f /bin/sh)" sh
# Not before Debian's tini is there: the static one is in the same package.
install -m 0755 /usr/bin/tini-static tini
sed "s#/usr/local/bin/node#$folder/node#g; s#/usr/bin/tini#$folder/tini#g; s#/usr/local/bin/kgsync#$folder/kgsync#g" \
  /usr/local/bin/kgsync >kgsync
chmod 0755 kgsync

loader=$(patchelf --print-interpreter node)
install -d lib licenses
install -m 0755 "$loader" lib/
for program in node sh; do
  ldd "$program" | sed -n 's#.* => \(/[^ ]*\) .*#\1#p'
done | sort -u | while read -r library; do
  # The loader may be a library of the program's too, and has to be a program itself.
  [ "$(basename "$library")" = "$(basename "$loader")" ] || install -m 0644 "$library" lib/
done

# The kernel wants the loader's path absolute. Slashes without meaning leave `kgsync install DIR` the room to write another.
room=$(printf '%0200d' 0 | tr 0 /)
# strip first: it does not know what patchelf has moved. An RPATH, not a RUNPATH, which comes after the app's LD_LIBRARY_PATH.
for program in node sh; do
  strip "$program"
  patchelf --set-interpreter "$folder$room/lib/$(basename "$loader")" --force-rpath --set-rpath '$ORIGIN/lib' "$program"
done

for package in libc6 libstdc++6 libgcc-s1 dash tini; do
  cp "/usr/share/doc/$package/copyright" "licenses/$package"
done
for license in /usr/local/LICENSE /usr/local/share/doc/node/LICENSE; do
  [ ! -f "$license" ] || cp "$license" licenses/node
done

# It runs from here, with the loader and the libraries that are here and no others.
"$folder/node" --eval ''
"$folder/lib/$(basename "$loader")" --list "$folder/node" | grep -v vdso | while read -r name _ path _; do
  case ${path:-$name} in "$folder"/*) ;; *) echo "not in the folder: $name ${path:-}" >&2 && exit 1 ;; esac
done
