"""Commands in a container: their outputs, their exit codes, their input to its end."""

from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream
from pods import NAMESPACE, connect, running, say

api = connect()


def begin(name, command, **options):
    asked = {"stdin": False, "stdout": True, "stderr": True, "tty": False, **options}
    return stream(api.connect_get_namespaced_pod_exec, name, NAMESPACE, command=command, _preload_content=False, **asked)


with running(api, "exec", ["sleep", "1000"]) as name:
    session = begin(name, ["sh", "-c", "echo out; echo err >&2; exit 3"])
    session.run_forever(timeout=30)
    say("failure", [session.read_stdout(), session.read_stderr(), session.returncode])

    session = begin(name, ["echo", "out"])
    session.run_forever(timeout=30)
    say("success", [session.read_stdout(), session.returncode])

    session = begin(name, ["wc", "-c"], stdin=True)
    for _ in range(16):
        session.write_stdin("0123456789abcdef" * 1024)
    session.close_channel(0)
    session.run_forever(timeout=30)
    say("input", [session.subprotocol, session.read_stdout().strip(), session.returncode])

    session = begin(name, ["sh", "-c", "yes 0123456 | head -c 1048576"], binary=True)
    session.run_forever(timeout=30)
    say("output", [len(session.read_stdout()), session.returncode])

    whole = stream(
        api.connect_get_namespaced_pod_exec, name, NAMESPACE, command=["echo", "whole"],
        stdin=False, stdout=True, stderr=True, tty=False,
    )
    say("preloaded", whole)

    try:
        begin(f"{name}-none", ["true"])
    except ApiException as error:
        say("missing", "404 Not Found" in str(error))
