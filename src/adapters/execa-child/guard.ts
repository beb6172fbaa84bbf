import { spawn } from "node:child_process";
import { isInit } from "./is-init.ts";

/** Ends the app with us if we are killed. */
export type Guard = { readonly dismiss: () => void };

/**
 * Waits for a word. None comes when the pipe is closed by our death, of whatever kind; then the app is killed: everybody whose
 * process group or session it leads ($1), or only the one process ($2), where the group is not its own.
 */
const SCRIPT = `trap '' HUP INT QUIT TERM TSTP
read -r word && exit
[ "$2" = one ] && exec kill -s KILL "$1"
kill -s KILL -- "-$1" 2>/dev/null
for stat in /proc/[0-9]*/stat; do
  read -r line <"$stat" || continue
  pid=\${line%% *}
  set -- "$1" \${line##*) }
  [ "$5" = "$1" ] && kill -s KILL "$pid"
done 2>/dev/null`;

/** Below such an init as PID 1 the container ends with us, and the kernel kills whoever is left in it. */
const endsWithUs = (): boolean => process.ppid === 1 && isInit(1);

/**
 * Starts a guard beside the app: an app that outlives a killed kgsync would go on writing unseen, and the next one would start
 * a second app on the same files. A shell of its own session, because nothing inside this process survives a SIGKILL; not
 * prctl(PR_SET_PDEATHSIG), which reaches the one process and none of its children. `alone`: the
 * leader shares our group. Without a shell (a distroless image) there is no guard.
 */
export const startGuard = (leader: number, alone: boolean): Guard => {
  if (endsWithUs()) return { dismiss: () => undefined };
  const guard = spawn("/bin/sh", ["-c", SCRIPT, "kgsync-guard", String(leader), alone ? "one" : "all"], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
    env: {},
  });
  guard.on("error", () => undefined); // no shell, no process left for one: as said above
  guard.stdin.on("error", () => undefined);
  guard.unref();
  return { dismiss: () => void guard.stdin.end("dismissed\n") };
};
