/** What the fixture server saw of the connections whose URL had one `id`. */
export interface TransportReport {
  /** Upgrade requests that arrived. */
  requests: number;
  protocols: string;
  authorization: string;
  extensions: string;
  /** TLS only. */
  servername: string;
  alpn: string;
  clientName: string;
  /** Payload bytes that the network took from the server. */
  pushedBytes: number;
  receivedBytes: number;
  closeCode: number;
  closeReason: string;
  pongs: number;
  /** Sockets that have ended. */
  ended: number;
}

/** A report of nothing. */
export function emptyReport(): TransportReport {
  return {
    requests: 0,
    protocols: "",
    authorization: "",
    extensions: "",
    servername: "",
    alpn: "",
    clientName: "",
    pushedBytes: 0,
    receivedBytes: 0,
    closeCode: 0,
    closeReason: "",
    pongs: 0,
    ended: 0,
  };
}
