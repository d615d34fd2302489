/**
 * The shell program around a verified command. It runs the command as it is given, counts what it writes, puts a
 * marker with the exit code and the counts behind both outputs, and lives on until the client has read them: what is
 * still on its way when a process ends can be lost on real servers, and is then reported as a success.
 *
 * `$1` is the marker's name, `$2` non-empty when stdin is the command's own, and the rest the command, which no shell
 * parses. File descriptors: 3 to 5 are the session's streams, 6 collects the code and the counts, 7 leads the
 * command's stdout past its stderr, 9 is the copy of an output that goes on while the other one is counted. Without
 * tee, wc, cat or /proc nothing is counted. Variables have names that no container is likely to export. `exec` keeps
 * the shell's own commands from being taken for programs; the last `wait` leaves no zombie to a first process that
 * waits for none.
 */
const program = `podwire_m=$1 podwire_own=$2; shift 2
exec 3<&0 4>&1 5>&2
[ "$podwire_own" ] || exec </dev/null
podwire_count() { { tee /proc/self/fd/9 | { podwire_n=$(wc -c); echo $1 $podwire_n >&6; }; } 9>&1 | cat; }
if [ -e /proc/self/fd/4 ] && command -v tee >/dev/null && command -v wc >/dev/null && command -v cat >/dev/null; then
podwire_r=$({ { { (exec "$@" 3<&- 4>&- 5>&- 6>&- 7>&-); echo code $? >&6; } 2>&1 >&7 | podwire_count stderr >&5; } 7>&1 | podwire_count stdout >&4; } 6>&1)
else
(exec "$@" 3<&- 4>&- 5>&-)
podwire_r="code $?"
fi
podwire_r=$(echo $podwire_r)
podwire_c=\${podwire_r#*code }
podwire_c=\${podwire_c%% *}
trap '{ kill $! && wait $!; } 2>/dev/null; exit $podwire_c' USR1
printf %s "$podwire_m $$ $podwire_r $podwire_m" >&4
printf %s "$podwire_m $$ $podwire_r $podwire_m" >&5
if [ "$podwire_own" ]; then
sleep 60 >/dev/null 2>&1 3<&- 4>&- 5>&- & wait $!
else
read -r podwire_s <&3
fi
exit $podwire_c`;

/** The command to send instead of this one; needs `sh` in the container. */
export function wrapCommand(command: readonly string[], marker: string, ownStdin: boolean): string[] {
  return ["sh", "-c", program, "sh", marker, ownStdin ? "1" : "", ...command];
}

/**
 * Tells the program `$1` with the marker `$2` that all has been read, where that is the process it was: after a restart
 * of the container its number may be anybody's. The marker is in its command line, where that can be read.
 */
const signalling = `podwire_f=/proc/$1/cmdline
[ -r "$podwire_f" ] || { kill -USR1 "$1"; exit; }
while read -r podwire_l || [ "$podwire_l" ]; do
case $podwire_l in *"$2"*) kill -USR1 "$1"; exit;; esac
done <"$podwire_f"`;

/** The command of a second exec, which tells a program that waits with its stdin ended that all has been read. */
export function acknowledgement(pid: number, marker: string): string[] {
  return ["sh", "-c", signalling, "sh", String(pid), marker];
}

/** What a program that waits for a line of stdin is sent. */
export const acknowledgementLine = "\n";
