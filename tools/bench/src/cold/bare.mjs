// The job without a library: nothing but `ws`, and `fetch` when the Pod is to be read first, as podwire does.
import { WebSocket } from "ws";

const [server, token, pod, readPod] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const path = `/api/v1/namespaces/default/pods/${pod}`;
let container = "main";
if (readPod === "read-pod") {
  const answer = await fetch(server + path, { headers });
  container = (await answer.json()).spec.containers[0].name;
}
const socket = new WebSocket(
  `${server.replace("http", "ws")}${path}/exec?command=echo&command=hi&container=${container}&stdout=true&stderr=true`,
  ["v5.channel.k8s.io", "v4.channel.k8s.io"],
  { headers, perMessageDeflate: false },
);
socket.on("message", (message) => {
  if (message[0] === 1) process.stdout.write(message.subarray(1));
});
