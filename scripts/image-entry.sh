#!/opt/kgsync/sh
# /usr/local/bin/kgsync in the image. What runs an app has tini in front, whoever is PID 1: Node reaps no orphans, and loses a
# SIGTERM that comes before its handlers. -s: orphans come to this tini also below another init (--init, s6, a shared PID
# namespace), so that kgsync sees what the app has left behind.
# --disable-sigusr1: that signal opens Node's debugger until kgsync listens to it, and with it all that Node knows.
command=${1:-}
[ "$$" != 1 ] || command=run
set -- /usr/local/bin/node --disable-sigusr1 /opt/kgsync/kgsync.cjs "$@"
case $command in
# Without tini kgsync itself says at the start what is missing.
run | exec | watch) [ ! -x /usr/bin/tini ] || set -- /usr/bin/tini -s -- "$@" ;;
esac
exec "$@"
