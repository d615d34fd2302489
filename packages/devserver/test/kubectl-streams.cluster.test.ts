import { clusterKubeconfig } from "./kubectl.ts";
import { kubectlStreamsSuite } from "./kubectl-streams-suite.ts";

// What devserver is held to, asked of a real cluster.

const ports = { echo: 7_777, http: 7_780, nobody: 9 };

const listens = (port: number): string => `netstat -ltn | grep -q :${port}`;

kubectlStreamsSuite({
  kubeconfig: clusterKubeconfig,
  script: [
    "mkdir /www",
    "head -c 3000000 /dev/zero >/www/file",
    `nc -ll -p ${ports.echo} -e cat & httpd -f -p ${ports.http} -h /www & wait`,
  ].join("; "),
  readinessProbe: {
    exec: { command: ["sh", "-c", `${listens(ports.echo)} && ${listens(ports.http)}`] },
    periodSeconds: 1,
    timeoutSeconds: 30,
  },
  ports: () => ports,
});
