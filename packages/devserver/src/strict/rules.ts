/** What a client has to keep to, in a sentence, and whose rule it is. */
interface Rule {
  readonly says: string;
  readonly source: string;
}

/**
 * The rules of WebSocket, of SPDY, and those of Kubernetes, whose servers forgive some offences and lose bytes at
 * others. Windows of SPDY are no rule: neither side of Kubernetes keeps any.
 */
export const rules = {
  masked: { says: "a client masks every frame", source: "RFC 6455, 5.1" },
  "reserved-bits": { says: "reserved bits are 0 when no extension is agreed on", source: "RFC 6455, 5.2" },
  "reserved-opcode": { says: "a client uses no reserved opcodes", source: "RFC 6455, 5.2" },
  "control-frame": { says: "a control frame is whole and has at most 125 bytes", source: "RFC 6455, 5.5" },
  "close-frame": {
    says: "a Close is empty, or has a code that may be sent and a reason in UTF-8",
    source: "RFC 6455, 5.5.1 and 7.4",
  },
  "close-answer": { says: "a client answers the server's Close with its own", source: "RFC 6455, 5.5.1" },
  "after-close": { says: "nothing follows a Close", source: "RFC 6455, 5.5.1" },
  early: {
    says: "a client sends no frame before it has the 101: servers lose it",
    source: "RFC 6455, 4.1; Kubernetes, k8s.io/apiserver/pkg/util/proxy",
  },
  fragment: {
    says: "each message is one frame: servers take each fragment for a message of its own",
    source: "Kubernetes, k8s.io/apimachinery/pkg/util/httpstream/wsstream",
  },
  oversize: {
    says: "a message has at most 33,554,432 bytes, its channel included",
    source: "Kubernetes, golang.org/x/net/websocket as wsstream sets it up",
  },
  "message-kind": {
    says: "messages are binary, and text with a base64 subprotocol",
    source: "Kubernetes, k8s.io/apimachinery/pkg/util/httpstream/wsstream",
  },
  base64: {
    says: "a message of a base64 subprotocol is a digit and padded base64 of the standard alphabet",
    source: "Kubernetes, k8s.io/apimachinery/pkg/util/httpstream/wsstream",
  },
  channel: {
    says: "a client writes on the channels 0 (stdin) and 4 (resize), from v5 on on 255 (close), and on those of its ports",
    source: "Kubernetes, k8s.io/apimachinery/pkg/util/remotecommand",
  },
  "stdin-requested": {
    says: "stdin is sent only where the request has stdin=true: it vanishes, or stops the session",
    source: "Kubernetes, k8s.io/kubelet/pkg/cri/streaming/remotecommand",
  },
  "after-half-close": {
    says: "no stdin follows its half-close",
    source: "Kubernetes, KEP-4006",
  },
  "close-channel": {
    says: "a message on channel 255 is one byte, a channel from 0 to 4: any other ends the session without a status",
    source: "Kubernetes, KEP-4006",
  },
  "resize-tty": {
    says: "sizes are sent only with tty=true: the second one stops a session of v5",
    source: "Kubernetes, k8s.io/apiserver/pkg/util/proxy",
  },
  "resize-size": {
    says: "a size is an object with Width and Height, integers from 1 to 65535: after another one runtimes stop",
    source: "Kubernetes, k8s.io/kubelet/pkg/cri/streaming/remotecommand",
  },
  "tty-stderr": {
    says: "stderr is not asked for beside a terminal, which has one output",
    source: "Kubernetes, k8s.io/cri-api, ExecRequest and AttachRequest",
  },
  "spdy-version": { says: "control frames are those of SPDY/3", source: "SPDY/3.1, 2.2.1" },
  "spdy-frame": { says: "a control frame is as long as its type says", source: "SPDY/3.1, 2.6" },
  "header-block": {
    says: "headers are names and values in one zlib stream, with the dictionary of SPDY/3",
    source: "SPDY/3.1, 2.6.10",
  },
  "stream-id": {
    says: "the numbers of a client's streams are odd, each greater than the last",
    source: "SPDY/3.1, 2.3.2",
  },
  "stream-unknown": { says: "data has a stream that was opened before", source: "SPDY/3.1, 2.2.2" },
  "after-fin": {
    says: "no data follows the end or the reset of its stream",
    source: "SPDY/3.1, 2.3.6 and 2.4.2",
  },
  "ping-id": { says: "the numbers of a client's pings are odd", source: "SPDY/3.1, 2.6.5" },
  "after-goaway": { says: "whoever has said GOAWAY opens no stream", source: "SPDY/3.1, 2.6.6" },
  "stream-type": {
    says: "each stream has a streamtype: error, stdin, stdout, stderr, and from v3 on resize; of ports, error and data",
    source: "Kubernetes, k8s.io/kubelet/pkg/cri/streaming, remotecommand and portforward",
  },
  "stream-asked": {
    says: "a session has a stream of errors, those that were asked for, and one for sizes with tty=true: each once",
    source: "Kubernetes, k8s.io/kubelet/pkg/cri/streaming/remotecommand",
  },
  "stream-missing": {
    says: "all streams of a session are opened within 30 seconds: nothing begins before",
    source: "Kubernetes, k8s.io/kubelet/pkg/cri/streaming/remotecommand",
  },
  "stream-direction": {
    says: "a client writes on streams of stdin, resize and data alone",
    source: "Kubernetes, k8s.io/client-go, tools/remotecommand and tools/portforward",
  },
  "port-header": {
    says: "streams of ports have a port, from 1 to 65535",
    source: "Kubernetes, k8s.io/kubelet/pkg/cri/streaming/portforward",
  },
  "request-id": {
    says: "streams of ports have a requestid, which one of errors and one of data share",
    source: "Kubernetes, k8s.io/kubelet/pkg/cri/streaming/portforward",
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof rules;
