import { documentsOf, type Line } from "../kubectl-transcript.ts";

const gate = "example.com/open";
const columns = "NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES";
const ready =
  "get pod NAME-gate -o jsonpath={.status.conditions[?(@.type=='Ready')]['status','reason','message']}";
const set = (status: string): Line => ({
  args: `patch pod NAME-gate --subresource=status -p {"metadata":{"labels":{"seen":"${status}"}},"spec":{"terminationGracePeriodSeconds":1},"status":{"conditions":[{"type":"${gate}","status":"${status}"}]}}`,
  says: ["pod/NAME-gate patched"],
});

/** What kubectl says of a Pod that is ready only when somebody else has said so, on every server. */
export const readinessGatesTranscript: readonly Line[] = [
  {
    args: "create -f -",
    input: documentsOf({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "NAME-gate" },
      spec: {
        readinessGates: [{ conditionType: gate }],
        terminationGracePeriodSeconds: 0,
        containers: [
          { name: "main", image: "local/busybox:1", imagePullPolicy: "Never", command: ["sleep", "1000"] },
        ],
      },
    }),
    says: ["pod/NAME-gate created"],
  },
  {
    args: "wait --for=condition=ContainersReady pod/NAME-gate --timeout=60s",
    says: ["pod/NAME-gate condition met"],
  },
  {
    args: ready,
    says: [
      `False ReadinessGatesNotReady corresponding condition of pod readiness gate "${gate}" does not exist.`,
    ],
  },
  set("False"),
  {
    args: `wait --for=jsonpath={.status.conditions[?(@.type=='Ready')].message}=the\\ status\\ of\\ pod\\ readiness\\ gate\\ "${gate}"\\ is\\ not\\ "True",\\ but\\ False pod/NAME-gate --timeout=60s`,
    says: ["pod/NAME-gate condition met"],
  },
  { args: "get pod NAME-gate -o wide", says: [columns, "NAME-gate 1/1 Running 0 TIME IP NODE <none> 0/1"] },
  set("True"),
  { args: "wait --for=condition=Ready pod/NAME-gate --timeout=60s", says: ["pod/NAME-gate condition met"] },
  {
    args: "get pod NAME-gate -o jsonpath={.metadata.labels}{.spec.terminationGracePeriodSeconds}{.status.phase}",
    says: ['{"seen":"True"}0Running'],
  },
  { args: "get pod NAME-gate --subresource=status -o name", says: ["pod/NAME-gate"] },
  { args: "delete pod NAME-gate --now", says: ['pod "NAME-gate" deleted from default namespace'] },
];
