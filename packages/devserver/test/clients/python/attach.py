"""The program of a container, which ends with its input."""

from kubernetes.stream import stream
from pods import NAMESPACE, await_phase, connect, running, say

SCRIPT = 'while read -r line; do echo "echo: $line"; done; echo bye; exit 4'

api = connect()
with running(api, "attach", ["sh", "-c", SCRIPT], stdin=True, stdinOnce=True) as name:
    session = stream(
        api.connect_get_namespaced_pod_attach, name, NAMESPACE,
        stdin=True, stdout=True, stderr=True, tty=False, _preload_content=False,
    )
    session.write_stdin("hello\n")
    say("answer", session.readline_stdout(timeout=30))
    session.close_channel(0)
    session.run_forever(timeout=30)
    say("after the end of the input", session.read_stdout())
    say("session", session.returncode)
    say("phase", await_phase(api, name, {"Failed"}))
