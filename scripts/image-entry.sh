#!/bin/sh
# /usr/local/bin/kgsync in the image. As PID 1 it puts tini in front: Node reaps no orphans, and loses a SIGTERM that comes
# before its handlers. -s: also reaps when the engine has put an init of its own in front (--init).
set -- /usr/local/bin/node /opt/kgsync/kgsync.cjs "$@"
[ "$$" != 1 ] || set -- /usr/bin/tini -s -- "$@"
exec "$@"
