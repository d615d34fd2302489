import type { Line } from "../kubectl-transcript.ts";
import { advice } from "./owners.ts";

const image = "local/busybox:1";
const pod = (name: string, labels: string, more: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {${labels}}}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  containers: [{name: main, ${more}}]
`;
const main = `image: "${image}", command: [sleep, "1000"]`;

const immutable =
  "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const invalidPatch = "The request is invalid: the server rejected our request due to an error in our request";

/** What kubectl says of objects of each kind, on every server. */
export const objectsTranscript: readonly Line[] = [
  { args: "create -f -", input: pod("NAME", "app: web", main), says: ["pod/NAME created"] },
  {
    args: "create -f -",
    input: pod("NAME", "app: web", main),
    code: 1,
    says: ['Error from server (AlreadyExists): error when creating "STDIN": pods "NAME" already exists'],
  },
  { args: "wait --for=condition=Ready pod/NAME --timeout=60s", says: ["pod/NAME condition met"] },
  { args: "get pod NAME", says: ["NAME READY STATUS RESTARTS AGE", "NAME 1/1 Running 0 TIME"] },
  {
    args: "get pod NAME -o wide",
    says: [
      "NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES",
      "NAME 1/1 Running 0 TIME IP NODE <none> <none>",
    ],
  },
  { args: "get pods -o name -l app=web,app!=x --field-selector metadata.name=NAME", says: ["pod/NAME"] },
  {
    args: "get pods -A --field-selector metadata.name=NAME,status.phase=Running",
    says: ["NAMESPACE NAME READY STATUS RESTARTS AGE", "default NAME 1/1 Running 0 TIME"],
  },
  { args: "get pods -l app=nothing", says: ["No resources found in default namespace."] },
  {
    args: "get pod NAME -o jsonpath={.kind}/{.apiVersion}/{.metadata.namespace}/{.spec.containers[0].name}",
    says: ["Pod/v1/default/main"],
  },
  { args: "get pod none-NAME", code: 1, says: ['Error from server (NotFound): pods "none-NAME" not found'] },
  {
    args: "get pods --field-selector spec.color=red",
    code: 1,
    says: [
      'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.color=red": field label not supported: spec.color',
    ],
  },
  { args: "label pod NAME tier=front", says: ["pod/NAME labeled"] },
  {
    args: "label pod NAME tier=back",
    code: 1,
    says: ["error: 'tier' already has a value (front), and --overwrite is false"],
  },
  { args: "label pod NAME tier=back --overwrite", says: ["pod/NAME labeled"] },
  { args: "label pod NAME tier=back --overwrite", says: ["pod/NAME not labeled"] },
  { args: "label pod NAME tier-", says: ["pod/NAME unlabeled"] },
  { args: "annotate pod NAME note=x", says: ["pod/NAME annotated"] },
  { args: 'patch pod NAME -p {"metadata":{"labels":{"a":"1"}}}', says: ["pod/NAME patched"] },
  { args: 'patch pod NAME -p {"metadata":{"labels":{"a":"1"}}}', says: ["pod/NAME patched (no change)"] },
  {
    args: 'patch pod NAME --type merge -p {"metadata":{"labels":{"a":null,"b":"1"}}}',
    says: ["pod/NAME patched"],
  },
  {
    args: 'patch pod NAME --type json -p [{"op":"add","path":"/metadata/labels/c","value":"1"}]',
    says: ["pod/NAME patched"],
  },
  {
    args: 'patch pod NAME --type json -p [{"op":"remove","path":"/metadata/labels/none"}]',
    code: 1,
    says: [invalidPatch],
  },
  {
    args: 'patch pod NAME -p {"spec":{"containers":[{"name":"main","image":"local/busybox:2"}]}}',
    says: ["pod/NAME patched"],
  },
  {
    args: 'patch pod NAME -p {"spec":{"restartPolicy":"Always"}}',
    code: 1,
    says: [
      `The Pod "NAME" is invalid: ${immutable}`,
      ...[
        "@@ -38,7 +38,7 @@",
        "   }",
        "  ],",
        '  "EphemeralContainers": null,',
        '- "RestartPolicy": "Never",',
      ],
      ...['+ "RestartPolicy": "Always",', '  "TerminationGracePeriodSeconds": 1,'],
      ...['  "ActiveDeadlineSeconds": null,', '  "DNSPolicy": "ClusterFirst",', ""],
    ],
  },
  {
    args: "edit pod NAME",
    editor: "sed -i s/restartPolicy:.*/restartPolicy:\\ Always/",
    code: 1,
    says: [
      'error: pods "NAME" is invalid',
      'A copy of your changes has been stored to "FILE.yaml"',
      "error: Edit cancelled, no valid changes were saved.",
    ],
  },
  { args: "edit pod NAME", editor: "sed -i s/app:.*/app:\\ edited/", says: ["pod/NAME edited"] },
  { args: "edit pod NAME", editor: "true", says: ["Edit cancelled, no changes made."] },
  { args: "set image pod/NAME main=local/busybox:1", says: ["pod/NAME image updated"] },
  {
    args: "get pod NAME -o jsonpath={.metadata.labels}{.spec.containers[0].image}",
    says: ['{"app":"edited","b":"1","c":"1"}local/busybox:1'],
  },
  { args: "delete pod NAME --grace-period=1", says: ['pod "NAME" deleted from default namespace'] },
  {
    args: "delete pod none-NAME",
    code: 1,
    says: ['Error from server (NotFound): pods "none-NAME" not found'],
  },
  { args: "delete pod none-NAME --ignore-not-found", says: [] },

  { args: "apply -f -", input: pod("NAME", "app: web", main), says: ["pod/NAME created"] },
  { args: "apply -f -", input: pod("NAME", "app: web", main), says: ["pod/NAME unchanged"] },
  { args: "apply -f -", input: pod("NAME", "app: api", main), says: ["pod/NAME configured"] },
  {
    args: "apply -f - --validate=strict",
    input: pod("NAME", "app: api", main.replace("1000", "999")),
    code: 1,
    says: [
      `The Pod "NAME" is invalid: ${immutable}`,
      ...["@@ -7,7 +7,7 @@", '    "Image": "local/busybox:1",', '    "Command": [', '     "sleep",'],
      ...['- "1000"', '+ "999"', "    ],", '    "Args": null,', '    "WorkingDir": "",', ""],
    ],
  },
  {
    args: "apply -f - --dry-run=server",
    input: pod("NAME", "app: dry", main),
    says: ["pod/NAME configured (server dry run)"],
  },
  {
    args: "apply -f - --server-side",
    input: pod("NAME", "app: api", main),
    says: ["pod/NAME serverside-applied"],
  },
  {
    args: "apply -f - --server-side --field-manager=other",
    input: pod("NAME", "app: other", main),
    code: 1,
    says: ['error: Apply failed with 1 conflict: conflict with "kubectl": .metadata.labels.app', ...advice],
  },
  { args: "get pod NAME -o jsonpath={.metadata.labels}", says: ['{"app":"api"}'] },
  {
    args: "delete -f - --now",
    input: pod("NAME", "app: web", main),
    says: ['pod "NAME" deleted from default namespace'],
  },

  { args: `run NAME --image=${image} --restart=Never -- sleep 1000`, says: ["pod/NAME created"] },
  {
    args: "wait --for=jsonpath={.status.phase}=Running pod/NAME --timeout=60s",
    says: ["pod/NAME condition met"],
  },
  { args: "delete pod NAME --now", says: ['pod "NAME" deleted from default namespace'] },
  { args: `run NAME --image=${image} --restart=Never -- sh -c exit\\ 3`, says: ["pod/NAME created"] },
  {
    args: "wait --for=jsonpath={.status.phase}=Failed pod/NAME --timeout=60s",
    says: ["pod/NAME condition met"],
  },
  { args: "get pod NAME", says: ["NAME READY STATUS RESTARTS AGE", "NAME 0/1 Error 0 TIME"] },
  { args: "delete pod NAME", says: ['pod "NAME" deleted from default namespace'] },

  { args: "create configmap NAME --from-literal=a=b", says: ["configmap/NAME created"] },
  { args: "get cm NAME", says: ["NAME DATA AGE", "NAME 1 TIME"] },
  { args: "get cm NAME -o jsonpath={.data}", says: ['{"a":"b"}'] },
  {
    args: "create -f -",
    input: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME-2}\ndada: {a: b}\n",
    code: 1,
    says: [
      'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dada"',
    ],
  },
  {
    args: "create configmap BAD_NAME",
    code: 1,
    says: [
      "error: failed to create configmap: ConfigMap \"BAD_NAME\" is invalid: metadata.name: Invalid value: \"BAD_NAME\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  },
  { args: "delete cm NAME", says: ['configmap "NAME" deleted from default namespace'] },
  { args: "create secret generic NAME --from-literal=a=b", says: ["secret/NAME created"] },
  { args: "get secret NAME", says: ["NAME TYPE DATA AGE", "NAME Opaque 1 TIME"] },
  { args: "get secret NAME -o jsonpath={.data.a}", says: ["Yg=="] },
  { args: "delete secret NAME", says: ['secret "NAME" deleted from default namespace'] },
  { args: "create service clusterip NAME --tcp=80:8080", says: ["service/NAME created"] },
  {
    args: "get svc NAME -o wide",
    says: [
      "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE SELECTOR",
      "NAME ClusterIP IP <none> 80/TCP TIME app=NAME",
    ],
  },
  { args: "delete svc NAME", says: ['service "NAME" deleted from default namespace'] },
  { args: "create serviceaccount NAME", says: ["serviceaccount/NAME created"] },
  { args: "get sa NAME", says: ["NAME AGE", "NAME TIME"] },
  { args: "delete sa NAME", says: ['serviceaccount "NAME" deleted from default namespace'] },
  {
    args: "create -f -",
    input: JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: ["NAME-a", "NAME-b"].map((name) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name },
      })),
    }),
    says: ["configmap/NAME-a created", "configmap/NAME-b created"],
  },
  {
    args: "delete cm NAME-a NAME-b",
    says: [
      'configmap "NAME-a" deleted from default namespace',
      'configmap "NAME-b" deleted from default namespace',
    ],
  },
  {
    args: "get ns default kube-system",
    says: ["NAME STATUS AGE", "default Active TIME", "kube-system Active TIME"],
  },
  {
    args: "create configmap NAME -n none-NAME",
    code: 1,
    says: ['error: failed to create configmap: namespaces "none-NAME" not found'],
  },
  {
    args: "delete ns default",
    code: 1,
    says: [
      'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted',
    ],
  },
  {
    args: "get nonsense",
    code: 1,
    says: ['error: the server doesn\'t have a resource type "nonsense"'],
  },
  { args: "auth can-i create pods", says: ["yes"] },
];
