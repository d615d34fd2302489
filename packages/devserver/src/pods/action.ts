/** Something to do in or with a container: to see whether it is well, after it has begun, or before it ends. */
export interface Action {
  readonly exec?: { readonly command: readonly string[] };
  readonly httpGet?: HttpGet;
  readonly tcpSocket?: { readonly port: Port };
  /** Of hooks alone. */
  readonly sleep?: { readonly seconds: number };
}

/** A number, or the name of one of the container's ports. */
export type Port = number | string;

export interface HttpGet {
  readonly port: Port;
  readonly path: string;
  readonly scheme: "HTTP" | "HTTPS";
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/** An action again and again, with Kubernetes' defaults filled in. */
export interface Probe extends Action {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds: number;
  readonly periodSeconds: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  readonly terminationGracePeriodSeconds?: number;
}

export interface Lifecycle {
  readonly postStart?: Action;
  readonly preStop?: Action;
}
