/** What a command says otherwise than the newest kubectl does of a real cluster, and why it may. */
export interface KubectlDifference {
  /** The commands that it is about: all of them differ. */
  readonly of: RegExp;
  readonly reason: string;
  /** Who differs: devserver, or every kubectl before a minor version, whatever the server. */
  readonly by: "devserver" | { readonly kubectlBefore: number };
  /** What a real cluster says, and what is said in its place; between lines is `\n`. */
  readonly says: string | RegExp;
  readonly instead: string;
  /** The exit code in its place. */
  readonly code?: number;
}

const by = "devserver";
const limits = "nothing is limited here: no share of the node is set aside, and no limits are in effect";
const runtime = "devserver is the runtime of its containers, and pulls no images";
const scheduler = "the cluster of these tests has no scheduler to tell of, and devserver plays one";
const kinds = "devserver has no other kinds";
const terse = "most of the size of the schemas is what they explain";
const structs = "a real server compares its own Go structs; devserver the JSON of the object";

export const kubectlDifferences: readonly KubectlDifference[] = [
  {
    of: /^delete (?!ns |pod none-)/,
    reason: "older ones do not tell the namespace",
    by: { kubectlBefore: 34 },
    says: / from default namespace$/gm,
    instead: "",
  },
  {
    of: /^describe pod /,
    reason: "older ones do not tell which container an event is about",
    by: { kubectlBefore: 35 },
    says: /(?<= kubelet) spec\.containers\{main\}:/g,
    instead: "",
  },
  {
    of: /^version$/,
    reason: "older ones warn of a server that is more than one version newer",
    by: { kubectlBefore: 35 },
    says: /$/g,
    instead:
      "\nWARNING: version difference between client (1.OWN) and server (1.36) exceeds the supported minor version skew of +/-1",
  },
  { of: /^version$/, reason: "its own version", by, says: "v1.36.3", instead: "v1.36.0+podwire" },
  {
    of: /^api-resources .*--api-group=$/,
    reason: kinds,
    by,
    says: /^(?:bindings|componentstatuses|endpoints|limitranges|persistent\w+|podtemplates|replicationcontrollers|resourcequotas) .*\n/gm,
    instead: "",
  },
  {
    of: /^api-resources .*--api-group=$/,
    reason: "there is one node, and it stays",
    by,
    says: /(?<=^nodes .* )create,delete,deletecollection,/gm,
    instead: "",
  },
  {
    of: /^api-resources --api-group=auth/,
    reason: kinds,
    by,
    says: /\n(?:tokenreviews|localsubjectaccessreviews|selfsubjectrulesreviews|subjectaccessreviews) .*/g,
    instead: "",
  },
  { of: /^explain pods\.spec\.hostPID$/, reason: terse, by, says: /Use the .*\n/g, instead: "<empty>" },
  {
    of: /^explain .*openapiv2$/,
    reason: `${terse}, and those of v2 are nothing but a copy of those of v3`,
    by,
    says: /^KIND: [\s\S]*$/g,
    instead: 'error: couldn\'t find resource for "/v1, Kind=Pod"',
    code: 1,
  },
  {
    of: /"remove","path":"\/metadata\/labels\/none"/,
    reason: "a real server does not say what is wrong",
    by,
    says: /$/g,
    instead: ": Value required at path: /metadata/labels/none",
  },
  {
    of: /^patch .*"restartPolicy"/,
    reason: structs,
    by,
    says: /\n@@[\s\S]*/g,
    instead: '\n- "restartPolicy": "Never"\n+ "restartPolicy": "Always"\n',
  },
  {
    of: /^apply .*--validate=strict$/,
    reason: structs,
    by,
    says: /\n@@[\s\S]*/g,
    instead: ["1000", "999"]
      .map(
        (seconds, index) =>
          `\n${"-+"[index]} "containers": [{"command":["sleep","${seconds}"],"image":"local/busybox:1","name":"main","imagePullPolicy":"IfNotPresent","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}]`,
      )
      .join("")
      .concat("\n"),
  },
  {
    of: /^get pod NAME -o yaml$/,
    reason: limits,
    by,
    says: /allocatedResources:\n +memory: 16Mi\n +/g,
    instead: "",
  },
  {
    of: /^get pod NAME -o yaml$/,
    reason: limits,
    by,
    says: /(?<=resources:)\n +limits:\n.*\n +requests:\n.*(?=\n +(?:restartCount|startTime):)/g,
    instead: " {}",
  },
  {
    of: /^get pod NAME -o json$/,
    reason: limits,
    by,
    says: /"allocatedResources": \{\n.*\n +\},\n +/g,
    instead: "",
  },
  {
    of: /^get pod NAME -o json$/,
    reason: limits,
    by,
    says: /(?<="resources": \{)\n +"limits": \{\n.*\n.*\n +"requests": \{\n.*\n.*\n +(?=\},\n +"(?:restartCount|startTime)")/g,
    instead: "",
  },
  {
    of: /^(get pod NAME -o (yaml|json)|describe pod NAME)$/,
    reason: runtime,
    by,
    says: "containerd://",
    instead: "devserver://",
  },
  {
    of: /^(get pod NAME -o (yaml|json)|describe pod NAME)$/,
    reason: runtime,
    by,
    says: "sha256:ID",
    instead: "local/busybox:1",
  },
  { of: /^get pod NAME -o (yaml|json)$/, reason: runtime, by, says: "docker.io/", instead: "" },
  {
    of: /^describe pod /,
    reason: scheduler,
    by,
    says: "  Normal Pulled",
    instead:
      "  Normal Scheduled TIME default-scheduler Successfully assigned default/NAME to devserver\n  Normal Pulled",
  },
  {
    of: /^events --for /,
    reason: scheduler,
    by,
    says: "TIME Normal Pulled",
    instead:
      "TIME Normal Scheduled Pod/NAME Successfully assigned default/NAME to devserver\nTIME Normal Pulled",
  },
];
