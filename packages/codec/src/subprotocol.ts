/** The WebSocket subprotocols of exec, attach and port-forward. */
export const subprotocols = {
  v5: "v5.channel.k8s.io",
  v4: "v4.channel.k8s.io",
  v1: "channel.k8s.io",
  v4Base64: "v4.base64.channel.k8s.io",
  v1Base64: "base64.channel.k8s.io",
} as const;
export type Subprotocol = (typeof subprotocols)[keyof typeof subprotocols];

/** What a subprotocol can carry. */
export interface SubprotocolCapabilities {
  /** Binary messages, or text messages of base64. */
  readonly encoding: "binary" | "base64";
  /** A Status object at the end, or plain text and only for failures. */
  readonly status: "json" | "text";
  /** Whether stdin can end while the rest goes on. */
  readonly halfClose: boolean;
}

/** What this subprotocol can carry; undefined for a name that is none. Names are case-sensitive. */
export function capabilitiesOf(name: string): SubprotocolCapabilities | undefined {
  return (
    chooseSubprotocol([name]) && {
      encoding: name.includes("base64") ? "base64" : "binary",
      status: name.startsWith("v") ? "json" : "text",
      halfClose: name === subprotocols.v5,
    }
  );
}

/**
 * The subprotocol that a server answers with: v5 wherever it stands in the client's list, else the first it knows;
 * undefined when there is none (servers refuse the upgrade with 403).
 */
export function chooseSubprotocol(
  offered: readonly string[],
  supported: readonly Subprotocol[] = Object.values(subprotocols),
): Subprotocol | undefined {
  return [subprotocols.v5, ...offered].find(
    (name): name is Subprotocol => offered.includes(name) && supported.some((known) => known === name),
  );
}
