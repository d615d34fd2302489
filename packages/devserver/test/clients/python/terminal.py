"""A command in a terminal that becomes larger."""

import json

from kubernetes.stream import stream
from kubernetes.stream.ws_client import RESIZE_CHANNEL
from pods import NAMESPACE, connect, running, say

SCRIPT = """read -r name; echo "hello $name"
until [ "$(stty size 2>/dev/null)" = "24 80" ]; do sleep 0.05; done; echo first >&2
until [ "$(stty size 2>/dev/null)" = "40 100" ]; do sleep 0.05; done; echo second
read -r end; exit 5"""

api = connect()
with running(api, "terminal", ["sleep", "1000"]) as name:
    session = stream(
        api.connect_get_namespaced_pod_exec, name, NAMESPACE, command=["sh", "-c", SCRIPT],
        stdin=True, stdout=True, stderr=False, tty=True, _preload_content=False,
    )

    def line():
        return session.readline_stdout(timeout=30).rstrip("\r")

    def resize(width, height):
        session.write_channel(RESIZE_CHANNEL, json.dumps({"Width": width, "Height": height}))

    session.write_stdin("you\n")
    say("typed", [line(), line()])
    resize(80, 24)
    say("first size", line())
    resize(100, 40)
    say("second size", line())
    # What comes together with the end is not read as a line any more.
    session.write_stdin("end\n")
    session.run_forever(timeout=30)
    say("exit", session.returncode)
