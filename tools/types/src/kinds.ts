/** The Kubernetes kinds whose types the client offers; all they refer to comes along. */
export const kinds: readonly string[] = [
  "io.k8s.api.apps.v1.DaemonSet",
  "io.k8s.api.apps.v1.Deployment",
  "io.k8s.api.apps.v1.ReplicaSet",
  "io.k8s.api.apps.v1.StatefulSet",
  "io.k8s.api.batch.v1.Job",
  "io.k8s.api.core.v1.ConfigMap",
  "io.k8s.api.core.v1.Namespace",
  "io.k8s.api.core.v1.Pod",
  "io.k8s.api.core.v1.Secret",
  "io.k8s.api.core.v1.Service",
  "io.k8s.api.core.v1.ServiceAccount",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Status",
];
