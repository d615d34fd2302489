import type { Line } from "../kubectl-transcript.ts";

const image = "local/busybox:1";
const container = (name: string, script: string, more: object = {}): string =>
  JSON.stringify({ name, image, imagePullPolicy: "Never", command: ["sh", "-c", script], ...more });
/** A container that runs may not have spoken yet. */
const readinessProbe = {
  exec: { command: ["sh", "-c", "[ -e spoken ]"] },
  periodSeconds: 1,
  timeoutSeconds: 30,
};
const speaker = (name: string, words: string): string =>
  container(name, `echo ${words}; >spoken; sleep 1000`, { readinessProbe });

const pod = (suffix: string, policy: string, ...containers: string[]): string => `
apiVersion: v1
kind: Pod
metadata: {name: NAME-${suffix}, labels: {logs: NAME, pod: ${suffix}}}
spec:
  restartPolicy: ${policy}
  terminationGracePeriodSeconds: 0
  containers: [${containers}]
  volumes: [{name: data, emptyDir: {}}]
`;

/** What kubectl says of the logs of Pods, on every server. */
export const logsTranscript: readonly Line[] = [
  {
    args: "create -f -",
    input: [
      pod("one", "Never", container("main", "echo one; echo two; printf three; exit 3")),
      pod("two", "Always", speaker("a", "a1"), speaker("b", "b1")),
      // It fails once, and the container before the last is kept as long as this one runs.
      pod(
        "back",
        "Always",
        container(
          "main",
          "[ -e data/x ] && echo second && >spoken && exec sleep 1000; >data/x; echo first; exit 3",
          { readinessProbe, volumeMounts: [{ name: "data", mountPath: "/data" }] },
        ),
      ),
      pod("nope", "Never", '{"name":"main","image":"registry.invalid/x","imagePullPolicy":"Never"}'),
    ].join("---\n"),
    says: ["one", "two", "back", "nope"].map((suffix) => `pod/NAME-${suffix} created`),
  },
  {
    args: "logs none-NAME",
    code: 1,
    says: ['error: error from server (NotFound): pods "none-NAME" not found in namespace "default"'],
  },
  {
    args: "wait --for=jsonpath={.status.phase}=Failed pod/NAME-one --timeout=60s",
    says: ["pod/NAME-one condition met"],
  },
  { args: "logs NAME-one", says: ["one", "two", "three"] },
  { args: "logs NAME-one -f", says: ["one", "two", "three"] },
  {
    args: "logs NAME-one --all-containers --prefix",
    says: ["[pod/NAME-one/main] one", "[pod/NAME-one/main] two", "[pod/NAME-one/main] three"],
  },
  { args: "logs NAME-one --tail=1", says: ["three"] },
  { args: "logs NAME-one --limit-bytes=5", says: ["one", "t"] },
  { args: "logs NAME-one --since=1h", says: ["one", "two", "three"] },
  { args: "logs NAME-one --since-time=2099-01-01T00:00:00Z", says: [] },
  {
    args: "logs NAME-one --previous",
    code: 1,
    says: [
      'Error from server (BadRequest): previous terminated container "main" in pod "NAME-one" not found',
    ],
  },
  { args: "wait --for=condition=Ready pod/NAME-two --timeout=60s", says: ["pod/NAME-two condition met"] },
  { args: "logs NAME-two", says: ["a1", 'Defaulted container "a" out of: a, b'] },
  { args: "logs NAME-two -c b", says: ["b1"] },
  { args: "logs -l logs=NAME,pod=two -c b --tail=-1", says: ["b1"] },
  {
    // Not with --previous: a real kubelet removes the container before the last whenever it gets to it.
    args: "create -f -",
    input: pod("crash", "Always", container("main", "echo up; exit 1")),
    says: ["pod/NAME-crash created"],
  },
  {
    args: "wait --for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff pod/NAME-crash --timeout=60s",
    says: ["pod/NAME-crash condition met"],
  },
  { args: "logs NAME-crash", says: ["up"] },
  {
    args: "wait --for=jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}=3 pod/NAME-back --timeout=60s",
    says: ["pod/NAME-back condition met"],
  },
  { args: "wait --for=condition=Ready pod/NAME-back --timeout=60s", says: ["pod/NAME-back condition met"] },
  { args: "logs NAME-back --previous", says: ["first"] },
  { args: "logs NAME-back", says: ["second"] },
  {
    args: "get pod NAME-back",
    says: ["NAME READY STATUS RESTARTS AGE", "NAME-back 1/1 Running 1 (TIME ago) TIME"],
  },
  {
    args: "wait --for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImageNeverPull pod/NAME-nope --timeout=60s",
    says: ["pod/NAME-nope condition met"],
  },
  {
    args: "logs NAME-nope",
    code: 1,
    says: [
      'Error from server (BadRequest): container "main" in pod "NAME-nope" is waiting to start: ErrImageNeverPull',
    ],
  },
  {
    args: "delete pod -l logs=NAME --now",
    says: ["back", "crash", "nope", "one", "two"].map(
      (suffix) => `pod "NAME-${suffix}" deleted from default namespace`,
    ),
  },
];
