import type { Line } from "../kubectl-transcript.ts";

const settings = `
apiVersion: v1
kind: ConfigMap
metadata: {name: NAME, labels: {x: "2"}}
data: {a: "3", c: d}
`;
/** What an apply says besides of who owns what it wants. */
export const advice: readonly string[] = [
  "Please review the fields above--they currently have other managers. Here",
  "are the ways you can resolve this warning:",
  "* If you intend to manage all of these fields, please re-run the apply",
  "  command with the `--force-conflicts` flag.",
  "* If you do not intend to manage all of the fields, please edit your",
  "  manifest to remove references to the fields that should keep their",
  "  current managers.",
  "* You may co-own fields by updating your manifest to match the existing",
  "  value; in this case, you'll become the manager if the other manager(s)",
  "  stop managing the field (remove it from their configuration).",
  "See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts",
];
/** The fields of a manager, who updates or applies. */
const ownedBy = (manager: string, fields?: string, resource = "cm"): Line => ({
  args: `get ${resource} NAME --show-managed-fields -o jsonpath={.metadata.managedFields[?(@.manager=="${manager}")].fieldsV1}`,
  says: fields === undefined ? [] : [fields],
});

/** What kubectl says of who owns which fields, and of what finalizers hold, on every server. */
export const ownersTranscript: readonly Line[] = [
  { args: "create configmap NAME --from-literal=a=b", says: ["configmap/NAME created"] },
  { args: "label cm NAME x=1", says: ["configmap/NAME labeled"] },
  { args: 'patch cm NAME -p {"data":{"c":"d"}}', says: ["configmap/NAME patched"] },
  { args: 'patch cm NAME --field-manager=other -p {"data":{"a":"c"}}', says: ["configmap/NAME patched"] },
  ownedBy("kubectl-create", '{"f:data":{}}'),
  ownedBy("kubectl-label", '{"f:metadata":{"f:labels":{".":{},"f:x":{}}}}'),
  ownedBy("kubectl-patch", '{"f:data":{"f:c":{}}}'),
  ownedBy("other", '{"f:data":{"f:a":{}}}'),
  {
    args: "apply -f - --server-side",
    input: settings,
    code: 1,
    says: [
      'error: Apply failed with 2 conflicts: conflicts with "kubectl-label" using v1:',
      "- .metadata.labels.x",
      'conflicts with "other" using v1:',
      "- .data.a",
      ...advice,
    ],
  },
  {
    args: "apply -f - --server-side --force-conflicts",
    input: settings,
    says: ["configmap/NAME serverside-applied"],
  },
  ownedBy("kubectl", '{"f:data":{"f:a":{},"f:c":{}},"f:metadata":{"f:labels":{"f:x":{}}}}'),
  ownedBy("kubectl-label", '{"f:metadata":{"f:labels":{}}}'),
  ownedBy("kubectl-patch", '{"f:data":{"f:c":{}}}'),
  ownedBy("other"),
  { args: "edit cm NAME", editor: "sed -i s/c:.*/c:\\ edited/", says: ["configmap/NAME edited"] },
  {
    args: "apply -f - --server-side",
    input: settings,
    code: 1,
    says: ['error: Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.c', ...advice],
  },
  { args: "label cm NAME x-", says: ["configmap/NAME unlabeled"] },
  ownedBy("kubectl-label"),
  ownedBy("kubectl", '{"f:data":{"f:a":{}}}'),
  { args: 'patch cm NAME --type merge -p {"data":null}', says: ["configmap/NAME patched"] },
  ownedBy("kubectl-edit"),
  { args: "delete cm NAME", says: ['configmap "NAME" deleted from default namespace'] },
  { args: "create -f - --save-config", input: settings, says: ["configmap/NAME created"] },
  {
    args: "apply -f - --server-side",
    input: settings.replace('"3"', '"4"'),
    says: ["configmap/NAME serverside-applied"],
  },
  { args: "get cm NAME -o jsonpath={.data}", says: ['{"a":"4","c":"d"}'] },
  {
    args: 'patch cm NAME -p {"metadata":{"finalizers":["example.com/x"]}}',
    says: ["configmap/NAME patched"],
  },
  { args: "delete cm NAME --wait=false", says: ['configmap "NAME" deleted from default namespace'] },
  {
    args: "wait --for=delete cm/NAME --timeout=5s",
    code: 1,
    says: ["error: timed out waiting for the condition on configmaps/NAME"],
  },
  { args: 'patch cm NAME -p {"metadata":{"finalizers":null}}', says: ["configmap/NAME patched"] },
  { args: "wait --for=delete cm/NAME --timeout=5s", says: [] },
  { args: "create service nodeport NAME --tcp=80:8080", says: ["service/NAME created"] },
  ownedBy(
    "kubectl-create",
    '{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:externalTrafficPolicy":{},"f:internalTrafficPolicy":{},"f:ports":{".":{},"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:name":{},"f:port":{},"f:protocol":{},"f:targetPort":{}}},"f:selector":{},"f:sessionAffinity":{},"f:type":{}}}',
    "svc",
  ),
  { args: "delete svc NAME", says: ['service "NAME" deleted from default namespace'] },
];
