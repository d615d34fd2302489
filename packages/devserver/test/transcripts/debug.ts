import { documentsOf, type Line } from "../kubectl-transcript.ts";

const image = "local/busybox:1";
const status = "{.status.ephemeralContainerStatuses[0]";
const add = `--image=${image} --image-pull-policy=Never --profile=general`;

/** What kubectl says of containers that are put into a running Pod, on every server. */
export const debugTranscript: readonly Line[] = [
  {
    args: "create -f -",
    input: documentsOf({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "NAME-debug" },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "main", image, imagePullPolicy: "Never", command: ["sleep", "1000"] }],
      },
    }),
    says: ["pod/NAME-debug created"],
  },
  { args: "wait --for=condition=Ready pod/NAME-debug --timeout=60s", says: ["pod/NAME-debug condition met"] },
  {
    args: `debug NAME-debug -i ${add} --container=asker --quiet -- sh -c read\\ -r\\ line;echo\\ [$line];exit\\ 3`,
    input: "hello\n",
    says: [],
    unheard: "the end of the input is a detach, which may come before the output",
  },
  {
    args: `wait --for=jsonpath=${status}.state.terminated.exitCode}=3 pod/NAME-debug --timeout=60s`,
    says: ["pod/NAME-debug condition met"],
  },
  {
    args: `get pod NAME-debug -o jsonpath=${status}.state.terminated.reason}/${status}.ready}/${status}.started}/${status}.restartCount}`,
    says: ["Error/false//0"],
  },
  { args: "logs NAME-debug -c asker", says: ["[hello]"] },
  {
    args: `debug NAME-debug ${add} --container=idler --attach=false -- sleep 1000`,
    says: [],
  },
  {
    args: "wait --for=jsonpath={.status.ephemeralContainerStatuses[?(@.name=='idler')].state.running} pod/NAME-debug --timeout=60s",
    says: ["pod/NAME-debug condition met"],
  },
  {
    // Older versions of kubectl lose what comes before they have given it the input.
    args: "exec -i NAME-debug -c idler -- sh -c read\\ -r\\ _;echo\\ inside",
    input: "\n",
    says: ["inside"],
  },
  {
    args: "exec NAME-debug -c asker -- true",
    code: 1,
    says: ['error: unable to upgrade connection: container not found ("asker")'],
  },
  {
    args: "get pod NAME-debug",
    says: ["NAME READY STATUS RESTARTS AGE", "NAME-debug 1/1 Running 0 TIME"],
  },
  {
    args: `debug NAME-debug ${add} --container=main --attach=false -- true`,
    code: 1,
    says: ['The Pod "NAME-debug" is invalid: spec.ephemeralContainers[2].name: Duplicate value: "main"'],
  },
  { args: "delete pod NAME-debug --now", says: ['pod "NAME-debug" deleted from default namespace'] },
];
