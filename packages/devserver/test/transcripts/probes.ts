import { documentsOf, type Line } from "../kubectl-transcript.ts";

const script = (text: string) => ["sh", "-c", text];
/** A busy machine takes longer than a second to run a command. */
const often = { periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30 };

const pod = (suffix: string, restartPolicy: string, command: string[], more: object) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: `NAME-${suffix}`, labels: { probes: "NAME" } },
  spec: {
    restartPolicy,
    terminationGracePeriodSeconds: 5,
    containers: [{ name: "main", image: "local/busybox:1", imagePullPolicy: "Never", command, ...more }],
  },
});

const main = "{.status.containerStatuses[0]";
const polite = script("trap 'exit 7' TERM; touch set; while :; do sleep 0.1; done");
const untilSet = "until [ -e set ]; do sleep 0.1; done";
const waitFor = (what: string, suffix: string): Line => ({
  args: `wait --for=${what} pod/NAME-${suffix} --timeout=60s`,
  says: [`pod/NAME-${suffix} condition met`],
});
const told = (suffix: string, reason: string, message: string): Line => ({
  args: `get events --field-selector involvedObject.name=NAME-${suffix},reason=${reason} -o jsonpath={.items[0].message}/{.items[0].involvedObject.fieldPath}`,
  says: [`${message}/spec.containers{main}`],
});
const columns = "NAME READY STATUS RESTARTS AGE";

/** What kubectl says of Pods with probes and hooks, on every server. */
export const probesTranscript: readonly Line[] = [
  {
    args: "create -f -",
    input: documentsOf(
      pod("ready", "Never", script("sleep 1000"), {
        readinessProbe: {
          exec: { command: script("[ -e ok ] && exit; echo no; touch asked; exit 1") },
          ...often,
        },
      }),
      pod("live", "Always", polite, {
        livenessProbe: { exec: { command: script("[ ! -e set ]") }, ...often },
      }),
      pod("start", "Never", polite, {
        startupProbe: { exec: { command: script(`${untilSet}; exit 1`) }, ...often },
      }),
      pod("post", "Always", polite, {
        lifecycle: {
          postStart: { exec: { command: script(`${untilSet}; exit 5`) } },
        },
      }),
      pod("stop", "Never", polite, {
        lifecycle: { preStop: { exec: { command: ["false"] } } },
      }),
    ),
    says: ["ready", "live", "start", "post", "stop"].map((suffix) => `pod/NAME-${suffix} created`),
  },
  waitFor("condition=PodReadyToStartContainers", "ready"),
  waitFor(`jsonpath=${main}.started}=true`, "ready"),
  waitFor("condition=Ready=false", "ready"),
  { args: "get pod NAME-ready", says: [columns, "NAME-ready 0/1 Running 0 TIME"] },
  { args: "exec NAME-ready -- sh -c until\\ [\\ -e\\ asked\\ ];do\\ sleep\\ 0.1;done;touch\\ ok", says: [] },
  waitFor("condition=Ready", "ready"),
  { args: "get pod NAME-ready", says: [columns, "NAME-ready 1/1 Running 0 TIME"] },
  {
    args: "get events --field-selector involvedObject.name=NAME-ready,reason=Unhealthy -o jsonpath={.items[0].message}",
    says: ["Readiness probe failed: no"],
  },
  waitFor(`jsonpath=${main}.lastState.terminated.exitCode}=7`, "live"),
  told("live", "Killing", "Container main failed liveness probe, will be restarted"),
  waitFor("jsonpath={.status.phase}=Failed", "start"),
  { args: "get pod NAME-start", says: [columns, "NAME-start 0/1 Error 0 TIME"] },
  waitFor(`jsonpath=${main}.lastState.terminated.exitCode}=7`, "post"),
  told("post", "FailedPostStartHook", "PostStartHook failed"),
  told("post", "Killing", "FailedPostStartHook"),
  waitFor("condition=Ready", "stop"),
  { args: "delete pod NAME-stop", says: ['pod "NAME-stop" deleted from default namespace'] },
  told("stop", "FailedPreStopHook", "PreStopHook failed"),
  {
    args: "create -f -",
    input: documentsOf(pod("bad", "Never", polite, { livenessProbe: {}, lifecycle: { preStop: {} } })),
    code: 1,
    says: [
      'The Pod "NAME-bad" is invalid:',
      "* spec.containers[0].lifecycle.preStop: Required value: must specify a handler type",
      "* spec.containers[0].livenessProbe: Required value: must specify a handler type",
    ],
  },
  {
    args: "delete pod -l probes=NAME --now",
    says: ["live", "post", "ready", "start"].map(
      (suffix) => `pod "NAME-${suffix}" deleted from default namespace`,
    ),
  },
];
