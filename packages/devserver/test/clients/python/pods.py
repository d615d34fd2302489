"""What the programs beside this one share: a client, lines of JSON, and Pods of one container."""

import json
import os
import ssl
from contextlib import contextmanager

from kubernetes import client, config, watch

NAMESPACE = "default"


def say(key, value):
    print(json.dumps({key: value}), flush=True)


def connect():
    """A client of REST and of WebSockets that both verify as strictly as Python 3.13 can."""
    wrap_socket = ssl.SSLContext.wrap_socket

    def wrap_strictly(context, *args, **kwargs):
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return wrap_socket(context, *args, **kwargs)

    ssl.SSLContext.wrap_socket = wrap_strictly
    config.load_kube_config(os.environ["KUBECONFIG"])
    return client.CoreV1Api()


@contextmanager
def running(api, topic, command, **container):
    """A Pod, deleted at the end; its name."""
    body = {
        "metadata": {"generateName": f"python-{topic}-"},
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "main", "image": os.environ["PODWIRE_IMAGE"], "command": command, **container}],
        },
    }
    name = api.create_namespaced_pod(NAMESPACE, body).metadata.name
    try:
        await_phase(api, name, {"Running", "Succeeded", "Failed"})
        yield name
    finally:
        api.delete_namespaced_pod(name, NAMESPACE)


def await_phase(api, name, phases):
    events = watch.Watch()
    only = f"metadata.name={name}"
    for event in events.stream(api.list_namespaced_pod, NAMESPACE, field_selector=only, timeout_seconds=60):
        phase = event["object"].status.phase
        if phase in phases:
            events.stop()
            return phase
    raise TimeoutError(f"{name} has been in none of the phases {phases}")
