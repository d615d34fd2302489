import { Api, createClient, Pod } from "@podwire/client";

const [server, token, pod, readPod] = process.argv.slice(2);
const pods = new Api(Pod, { client: createClient({ server, token }) });
const { stdout } = await pods.exec.run(pod, { command: ["echo", "hi"], readPod: readPod === "read-pod" });
process.stdout.write(stdout.bytes);
