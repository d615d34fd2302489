"""The log of a container, from before its end to its end."""

from kubernetes import watch
from pods import NAMESPACE, connect, running, say

api = connect()
with running(api, "logs", ["sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.2; done; printf 'no end'"]) as name:
    for line in watch.Watch().stream(api.read_namespaced_pod_log, name, NAMESPACE):
        say("line", line)
    say("tail", api.read_namespaced_pod_log(name, NAMESPACE, tail_lines=1))
