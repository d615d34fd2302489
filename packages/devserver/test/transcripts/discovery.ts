import type { Line } from "../kubectl-transcript.ts";

const columns = "NAME SHORTNAMES APIVERSION NAMESPACED KIND";
const wide = `${columns} VERBS CATEGORIES`;
const many = "create,delete,deletecollection,get,list,patch,update,watch";

/** What kubectl finds out about a server, on every server. */
export const discoveryTranscript: readonly Line[] = [
  { args: "version", says: ["Client Version: OWN", "Kustomize Version: OWN", "Server Version: v1.36.3"] },
  {
    args: "api-resources -o wide --api-group=",
    says: [
      wide,
      "bindings v1 true Binding create",
      "componentstatuses cs v1 false ComponentStatus get,list",
      `configmaps cm v1 true ConfigMap ${many}`,
      `endpoints ep v1 true Endpoints ${many}`,
      `events ev v1 true Event ${many}`,
      `limitranges limits v1 true LimitRange ${many}`,
      "namespaces ns v1 false Namespace create,delete,get,list,patch,update,watch",
      `nodes no v1 false Node ${many}`,
      `persistentvolumeclaims pvc v1 true PersistentVolumeClaim ${many}`,
      `persistentvolumes pv v1 false PersistentVolume ${many}`,
      `pods po v1 true Pod ${many} all`,
      `podtemplates v1 true PodTemplate ${many}`,
      `replicationcontrollers rc v1 true ReplicationController ${many} all`,
      `resourcequotas quota v1 true ResourceQuota ${many}`,
      `secrets v1 true Secret ${many}`,
      `serviceaccounts sa v1 true ServiceAccount ${many}`,
      `services svc v1 true Service ${many} all`,
    ],
  },
  {
    args: "api-resources -o wide --api-group=events.k8s.io",
    says: [wide, `events ev events.k8s.io/v1 true Event ${many}`],
  },
  {
    args: "api-resources --api-group=authentication.k8s.io",
    says: [
      columns,
      "selfsubjectreviews authentication.k8s.io/v1 false SelfSubjectReview",
      "tokenreviews authentication.k8s.io/v1 false TokenReview",
    ],
  },
  {
    args: "api-resources --api-group=authorization.k8s.io",
    says: [
      columns,
      "localsubjectaccessreviews authorization.k8s.io/v1 true LocalSubjectAccessReview",
      "selfsubjectaccessreviews authorization.k8s.io/v1 false SelfSubjectAccessReview",
      "selfsubjectrulesreviews authorization.k8s.io/v1 false SelfSubjectRulesReview",
      "subjectaccessreviews authorization.k8s.io/v1 false SubjectAccessReview",
    ],
  },
  {
    args: "explain pods.spec.hostPID",
    says: [
      ...["KIND: Pod", "VERSION: v1", "", "FIELD: hostPID <boolean>", "", "", "DESCRIPTION:"],
      ...["    Use the host's pid namespace. Optional: Default to false.", "", ""],
    ],
  },
  {
    args: "explain pods.spec.hostPID --output=plaintext-openapiv2",
    says: [
      ...["KIND: Pod", "VERSION: v1", "", "FIELD: hostPID <boolean>", "", "DESCRIPTION:"],
      "     Use the host's pid namespace. Optional: Default to false.",
    ],
  },
  {
    args: "explain pods.spec.color",
    code: 1,
    says: ["KIND: Pod", "VERSION: v1", "", 'error: field "color" does not exist'],
  },
  {
    args: "create -f - --dry-run=server --validate=warn",
    input: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\ndada: {a: b}\n",
    says: ["configmap/NAME created (server dry run)", 'Warning: unknown field "dada"'],
  },
];
