"""A Pod's port, and one on which nobody listens."""

import json
import os

from kubernetes import watch
from kubernetes.stream import portforward
from pods import NAMESPACE, connect, running, say

port, closed = (int(os.environ[name]) for name in ("PODWIRE_PORT", "PODWIRE_CLOSED_PORT"))
payload = b"0123456789abcdef" * 4096

api = connect()
with running(api, "forward", json.loads(os.environ["PODWIRE_PORT_COMMAND"])) as name:
    # Its first line says that it listens.
    next(watch.Watch().stream(api.read_namespaced_pod_log, name, NAMESPACE))
    forwarded = portforward(api.connect_get_namespaced_pod_portforward, name, NAMESPACE, ports=str(port))
    connection = forwarded.socket(port)
    connection.settimeout(30)
    connection.sendall(payload)
    echoed = b""
    while len(echoed) < len(payload):
        echoed += connection.recv(65536)
    say("echo", echoed == payload)
    say("error", forwarded.error(port))
    forwarded.close()

    refused = portforward(api.connect_get_namespaced_pod_portforward, name, NAMESPACE, ports=str(closed))
    connection = refused.socket(closed)
    connection.settimeout(30)
    say("closed port's bytes", len(connection.recv(1)))
    say("closed port", "refused" in (refused.error(closed) or ""))
