"""Objects as they come, change and go, and from a version on."""

import time

from kubernetes import watch
from kubernetes.client.exceptions import ApiException
from pods import NAMESPACE, connect, say

api = connect()
label = f"python-{time.time_ns()}"


def named(suffix, value):
    return {"metadata": {"name": label + suffix, "labels": {"of": label}}, "data": {"key": value}}


def short(event):
    config = event["object"]
    return [event["type"], config.metadata.name.removeprefix(label), config.data["key"]]


api.create_namespaced_config_map(NAMESPACE, named("-before", "one"))
try:
    watched = watch.Watch()
    events = watched.stream(
        api.list_namespaced_config_map, NAMESPACE, label_selector=f"of={label}", timeout_seconds=60)
    say("event", short(next(events)))
    api.create_namespaced_config_map(NAMESPACE, named("-after", "one"))
    say("event", short(next(events)))
    api.patch_namespaced_config_map(f"{label}-after", NAMESPACE, {"data": {"key": "two"}})
    say("event", short(next(events)))
    api.delete_namespaced_config_map(f"{label}-before", NAMESPACE)
    say("event", short(next(events)))
    events.close()

    listed = api.list_namespaced_config_map(NAMESPACE, label_selector=f"of={label}")
    say("listed", len(listed.items))
    version = listed.metadata.resource_version
    api.patch_namespaced_config_map(f"{label}-after", NAMESPACE, {"data": {"key": "three"}})
    later = watch.Watch().stream(
        api.list_namespaced_config_map, NAMESPACE, label_selector=f"of={label}",
        resource_version=version, timeout_seconds=60)
    say("later event", short(next(later)))
    later.close()
    try:
        api.create_namespaced_config_map(NAMESPACE, named("-after", "one"))
    except ApiException as error:
        say("twice", [error.status, error.reason])
finally:
    api.delete_collection_namespaced_config_map(NAMESPACE, label_selector=f"of={label}")
