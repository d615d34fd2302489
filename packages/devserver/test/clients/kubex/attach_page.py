"""The example of kubex' own page on attach, which podwire follows; what differs says so."""

import os
import sys
from typing import cast

import anyio

from kubex.api import Api
from kubex.client import ClientChoice, create_client
from kubex.k8s.v1_35.core.v1.container import Container
from kubex.k8s.v1_35.core.v1.pod import Pod
from kubex.k8s.v1_35.core.v1.pod_spec import PodSpec
from kubex_core.models.metadata import ObjectMetadata


async def main() -> None:
    # The page takes whichever of its two HTTP clients is installed.
    client = await create_client(client_class=ClientChoice(sys.argv[1]))
    async with client:
        api: Api[Pod] = Api(Pod, client=client, namespace="default")
        pod = await api.create(
            Pod(
                metadata=ObjectMetadata(generate_name="example-attach-"),
                spec=PodSpec(
                    containers=[
                        Container(
                            name="main",
                            # The page's is busybox:1.36.
                            image=os.environ["PODWIRE_IMAGE"],
                            command=[
                                "sh",
                                "-c",
                                'while IFS= read -r line; do printf "echo: %s\\n" "$line"; done',
                            ],
                            stdin=True,
                        )
                    ]
                ),
            ),
        )
        pod_name = cast(str, pod.metadata.name)
        try:
            # The page does not wait, and a kubelet refuses to attach to what does not run yet.
            with anyio.fail_after(30):
                while (await api.get(pod_name)).status.phase != "Running":
                    await anyio.sleep(0.05)
            async with api.attach.stream(
                pod_name,
                stdin=True,
                stdout=True,
            ) as session:
                await session.stdin.write(b"hello\n")

                buf = bytearray()
                with anyio.fail_after(10):
                    async for chunk in session.stdout:
                        buf.extend(chunk)
                        if b"echo: hello" in buf:
                            break
                print("attach output:", bytes(buf).decode(errors="replace"))

                await session.close_stdin()
        finally:
            await api.delete(pod_name)


anyio.run(main)
