#!/opt/kgsync/sh
# /usr/local/bin/kgsync in the image. What runs an app has tini in front, whoever is PID 1: Node reaps no orphans, and loses a
# SIGTERM that comes before its handlers. -s: orphans come to this tini also below another init (--init, s6, a shared PID
# namespace), so that kgsync sees what the app has left behind.
command=${1:-}
[ "$$" != 1 ] || command=run
set -- /opt/kgsync/kgsync.cjs "$@"
case $command in
run | exec | watch)
  set -- /usr/local/bin/node "$@"
  # Without tini kgsync itself says at the start what is missing.
  [ ! -x /usr/bin/tini ] || set -- /usr/bin/tini -s -- "$@"
  ;;
# A health check comes while the app runs, and USR1 would open Node's debugger until kgsync listens to it. Not where signals are
# passed on: with this option Node 24 keeps USR1 blocked.
*) set -- /usr/local/bin/node --disable-sigusr1 "$@" ;;
esac
exec "$@"
