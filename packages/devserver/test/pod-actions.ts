import { get, inDefault, pod, post, remove } from "./rest-requests.ts";
import type { Action } from "./rest-transcript.ts";

const pods = `${inDefault("pods")}?dryRun=All`;
const withSpec = (spec: object) => ({ ...pod, spec: { ...pod.spec, ...spec } });
const [main] = pod.spec.containers;
const withResources = (resources: object) => withSpec({ containers: [{ ...main, resources }] });

/** What admission says of a class, or of what is a class's to say. */
const specs: Readonly<Record<string, object>> = {
  "a priority class that is not there": { priorityClassName: "none" },
  "a priority class of a wrong name": { priorityClassName: "Bad_name" },
  "no priority class": { priorityClassName: "" },
  "a priority class of every cluster": { priorityClassName: "system-cluster-critical" },
  "a priority class of every node": { priorityClassName: "system-node-critical" },
  "a priority of no class": { priority: 5 },
  "a priority of another class": { priorityClassName: "system-node-critical", priority: 5 },
  "a priority of its class": { priorityClassName: "system-node-critical", priority: 2_000_001_000 },
  "a preemption policy of no class": { preemptionPolicy: "Never" },
  "a preemption policy as it is anyway": { preemptionPolicy: "PreemptLowerPriority" },
  "a runtime class that is not there": { runtimeClassName: "none" },
  "a runtime class of a wrong name": { runtimeClassName: "Bad_name" },
  "a runtime class without a name": { runtimeClassName: "" },
  "two classes that are not there": { runtimeClassName: "none", priorityClassName: "none" },
  "a runtime class that is not there, and no containers": { runtimeClassName: "none", containers: [] },
  "an overhead of no class": { overhead: { cpu: "1" } },
  "an overhead of nothing": { overhead: {} },
  "a node of a wrong name": { nodeName: "Bad_name" },
};

const enough = { cpu: "1", memory: "1Gi" };
/** The limits and the requests of a container. */
const resources: Readonly<Record<string, readonly [limits: object, requests: object]>> = {
  "the same in other units": [enough, { cpu: "1000m", memory: "1024Mi" }],
  numbers: [
    { cpu: 1, memory: 1_073_741_824 },
    { cpu: "1.0", memory: "1048576Ki" },
  ],
  "an exponent": [
    { cpu: "0.1", memory: "1M" },
    { cpu: "100m", memory: "1e6" },
  ],
  "large ones": [
    { cpu: "1k", memory: "1E" },
    { cpu: "1000", memory: "1000P" },
  ],
  "a sign and a fraction": [
    { cpu: "+1", memory: "1.5Gi" },
    { cpu: "1", memory: "1536Mi" },
  ],
  "no digits on one side": [{ cpu: ".5", memory: "1." }, {}],
  "space around it": [{ cpu: " 1 ", memory: "1Mi" }, {}],
  "less than is allowed": [enough, { cpu: "1", memory: "1G" }],
  "nothing at all": [
    { cpu: "0", memory: "0" },
    { cpu: "0m", memory: "0Gi" },
  ],
  "one of both": [{ cpu: "1" }, { cpu: "1", memory: "1Gi" }],
  "more than is allowed": [
    { cpu: "1", memory: "1G" },
    { cpu: "1", memory: "1Gi" },
  ],
  "less than nothing": [{ cpu: "-1" }, {}],
  "no quantity": [{ cpu: "much" }, {}],
  "a unit that is not there": [{ cpu: "1e3k" }, {}],
};

const elsewhere = inDefault("pods", "NAME-elsewhere");

/** What a Pod may ask for, and one of a node that is not there. */
export const podActions: readonly Action[] = [
  ...Object.entries(specs).map(([what, spec]) =>
    post(`a Pod of ${what}`, pods, withSpec(spec), { shows: ["spec.priority", "spec.preemptionPolicy"] }),
  ),
  post(
    "a Pod of wrong classes in no namespace",
    "/api/v1/namespaces/none-NAME/pods",
    withSpec(specs["two classes that are not there"] ?? {}),
  ),
  post("a Pod of a class that is not there, without a name", pods, {
    ...withSpec({ runtimeClassName: "none" }),
    metadata: { generateName: "NAME-" },
  }),
  ...Object.entries(resources).map(([what, [limits, requests]]) =>
    post(`resources: ${what}`, pods, withResources({ limits, requests }), { shows: ["status.qosClass"] }),
  ),
  post(
    "elsewhere: a Pod",
    inDefault("pods"),
    { ...withSpec({ nodeName: "none" }), metadata: { name: "NAME-elsewhere" } },
    { shows: ["spec.nodeName", "status"] },
  ),
  get("elsewhere: log", `${elsewhere}/log`),
  ...["exec?command=true&stdout=true", "attach?stdout=true", "portforward?ports=80"].map((target) =>
    get(`elsewhere: ${target}`, `${elsewhere}/${target}`, { protocol: "v4.channel.k8s.io" }),
  ),
  remove("elsewhere: deleted", elsewhere),
  get("elsewhere: stays, as nobody tells of its end", elsewhere, {
    shows: ["metadata.deletionGracePeriodSeconds", "status"],
  }),
  remove("elsewhere: deleted without grace", `${elsewhere}?gracePeriodSeconds=0`),
  get("elsewhere: gone", elsewhere),
];
