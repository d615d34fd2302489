import { readFileSync } from "node:fs";
import type { Line } from "../kubectl-transcript.ts";

const pod = `
apiVersion: v1
kind: Pod
metadata: {name: NAME, labels: {app: NAME}}
spec:
  terminationGracePeriodSeconds: 0
  dnsPolicy: Default
  containers:
  - name: main
    image: "local/busybox:1"
    command: [sleep, "1000"]
    env: [{name: A, value: b}]
    resources: {limits: {memory: 16Mi}}
`;
const metadata = [
  "  creationTimestamp: TIME",
  "  name: NAME",
  "  namespace: default",
  "  resourceVersion: VERSION",
];
const file = (name: string): string[] =>
  readFileSync(new URL(name, import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
const condition = "{range\\ .status.conditions[*]}{.type}={.status}@{.observedGeneration};{end}";

/** What kubectl shows of whole objects, on every server. */
export const shownTranscript: readonly Line[] = [
  { args: "create -f -", input: pod, says: ["pod/NAME created"] },
  { args: "wait --for=condition=Ready pod/NAME --timeout=60s", says: ["pod/NAME condition met"] },
  { args: "get pod NAME -o yaml", says: file("pod-yaml.txt") },
  { args: "get pod NAME -o json", says: file("pod-json.txt") },
  {
    args: `get pod NAME -o jsonpath=${condition}{.status.phase}/{.status.qosClass}/{.status.observedGeneration}`,
    says: [
      "PodReadyToStartContainers=True@1;Initialized=True@1;Ready=True@1;ContainersReady=True@1;PodScheduled=True@1;Running/Burstable/1",
    ],
  },
  { args: "describe pod NAME", says: file("pod-described.txt") },
  {
    args: "events --for pod/NAME",
    says: [
      "LAST SEEN TYPE REASON OBJECT MESSAGE",
      'TIME Normal Pulled Pod/NAME Container image "local/busybox:1" already present on machine and can be accessed by the pod',
      "TIME Normal Created Pod/NAME Container created",
      "TIME Normal Started Pod/NAME Container started",
    ],
  },
  { args: "set image pod/NAME main=local/busybox:2", says: ["pod/NAME image updated"] },
  {
    args: "wait --for=jsonpath={.status.observedGeneration}=2 pod/NAME --timeout=60s",
    says: ["pod/NAME condition met"],
  },
  { args: "get pod NAME -o jsonpath={.metadata.generation}", says: ["2"] },
  { args: "delete pod NAME --now", says: ['pod "NAME" deleted from default namespace'] },
  { args: "create configmap NAME --from-literal=a=b", says: ["configmap/NAME created"] },
  {
    args: "get configmap NAME -o yaml",
    says: ["apiVersion: v1", "data:", "  a: b", "kind: ConfigMap", "metadata:", ...metadata, "  uid: UID"],
  },
  {
    args: "get configmap NAME -o json",
    says: [
      ...["{", '    "apiVersion": "v1",', '    "data": {', '        "a": "b"', "    },"],
      ...['    "kind": "ConfigMap",', '    "metadata": {', '        "creationTimestamp": TIME,'],
      ...['        "name": "NAME",', '        "namespace": "default",'],
      ...['        "resourceVersion": VERSION,', '        "uid": "UID"', "    }", "}"],
    ],
  },
  {
    args: "describe configmap NAME",
    says: [
      ...["Name: NAME", "Namespace: default", "Labels: <none>", "Annotations: <none>", ""],
      ...["Data", "====", "a:", "----", "b", "", "", "BinaryData", "====", "", "Events: <none>"],
    ],
  },
  { args: "delete configmap NAME", says: ['configmap "NAME" deleted from default namespace'] },
];
