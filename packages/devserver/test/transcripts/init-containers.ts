import { documentsOf, type Line } from "../kubectl-transcript.ts";

const container = (name: string, script: string, more = {}) => ({
  name,
  image: "local/busybox:1",
  imagePullPolicy: "Never",
  command: ["sh", "-c", script],
  ...more,
});

const pod = (suffix: string, restartPolicy: string, initContainers: object[], script: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: `NAME-${suffix}`, labels: { init: "NAME" } },
  spec: {
    restartPolicy,
    terminationGracePeriodSeconds: 0,
    initContainers,
    containers: [container("main", script)],
  },
});

/** By a process that has ended, for the end of its container would take it along. */
const untilTold = "until [ -s go ] && read -r pid <go && ! kill -0 $pid 2>/dev/null; do sleep 0.1; done";
const tell = (suffix: string, container: string): Line => ({
  args: `exec NAME-${suffix} -c ${container} -- sh -c echo\\ $$>go`,
  says: [],
});
const one = "{.status.initContainerStatuses[0]";
const waitFor = (what: string, suffix: string): Line => ({
  args: `wait --for=${what} pod/NAME-${suffix} --timeout=60s`,
  says: [`pod/NAME-${suffix} condition met`],
});
const columns = "NAME READY STATUS RESTARTS AGE";

/** What kubectl says of Pods with init containers, on every server. */
export const initTranscript: readonly Line[] = [
  {
    args: "create -f -",
    input: documentsOf(
      pod("first", "Always", [container("one", untilTold), container("two", "true")], "sleep 1000"),
      pod("failed", "Never", [container("one", "exit 4"), container("two", "true")], "true"),
      pod("crash", "Always", [container("one", "exit 4")], "true"),
      pod("side", "Never", [container("one", "sleep 1000", { restartPolicy: "Always" })], untilTold),
    ),
    says: ["first", "failed", "crash", "side"].map((suffix) => `pod/NAME-${suffix} created`),
  },
  waitFor(`jsonpath=${one}.started}=true`, "first"),
  { args: "get pod NAME-first", says: [columns, "NAME-first 0/1 Init:0/2 0 TIME"] },
  {
    args: "logs NAME-first",
    code: 1,
    says: [
      'Defaulted container "main" out of: main, one (init), two (init)',
      'Error from server (BadRequest): container "main" in pod "NAME-first" is waiting to start: PodInitializing',
    ],
  },
  tell("first", "one"),
  waitFor("condition=Ready", "first"),
  { args: "get pod NAME-first", says: [columns, "NAME-first 1/1 Running 0 TIME"] },
  waitFor("jsonpath={.status.phase}=Failed", "failed"),
  { args: "get pod NAME-failed", says: [columns, "NAME-failed 0/1 Init:Error 0 TIME"] },
  waitFor(`jsonpath=${one}.state.waiting.reason}=CrashLoopBackOff`, "crash"),
  {
    args: "get pod NAME-crash -o jsonpath={.status.phase}",
    says: ["Pending"],
  },
  waitFor("condition=Ready", "side"),
  { args: "get pod NAME-side", says: [columns, "NAME-side 2/2 Running 0 TIME"] },
  tell("side", "main"),
  waitFor("jsonpath={.status.phase}=Succeeded", "side"),
  { args: "get pod NAME-side", says: [columns, "NAME-side 0/2 Completed 0 TIME"] },
  {
    args: "get pod NAME-side -o jsonpath={.status.conditions[?(@.type=='Ready')].reason}",
    says: ["PodCompleted"],
  },
  {
    args: "delete pod -l init=NAME --now",
    says: ["crash", "failed", "first", "side"].map(
      (suffix) => `pod "NAME-${suffix}" deleted from default namespace`,
    ),
  },
];
