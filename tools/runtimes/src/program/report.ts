import type { Capabilities } from "@podwire/transport";

/** Where a program finds what it talks to. */
export interface Access {
  /** A devserver, as `createClient` takes it, whose image `explored` is there for this. */
  readonly server: string;
  readonly token: string;
  /** The fixture server of the transport suite, and the same over TLS, with the authority of its certificate. */
  readonly transport: string;
  readonly secureTransport: string;
  readonly ca: string;
  /** A kubeconfig file that leads to a devserver over TLS. */
  readonly kubeconfig: string;
}

/** What a runtime can do, told by what it did; errors are told by their codes. */
export interface RuntimeReport {
  readonly sessions: SessionsReport;
  /** Only of a page. */
  readonly terminal?: TerminalReport;
  readonly capabilities: Capabilities;
  /** Which of the platform's own means opened the connection; "ws" where none did. */
  readonly means: string;
  /** Whether a header of the caller's own arrived. */
  readonly headers: boolean;
  readonly credential: "header" | "subprotocol";
  /** Whether a ping was answered. */
  readonly ping: boolean;
  /** Of an upgrade that is refused with 403, and a body that begins with a Status and the credential, and never ends. */
  readonly refusal: RefusalReport;
  /** Of a server that says nothing: within a time of ours, and until a signal of the caller's. */
  readonly silence: string;
  readonly abort: string;
  /** Of a server that chooses no subprotocol. */
  readonly mismatch: string;
  /** Of a server whose authority nobody knows, and the same where it is given. */
  readonly unknownAuthority: string;
  readonly givenAuthority: string;
  readonly flood: FloodReport;
  /** From `close` in the middle of a flood to the end. */
  readonly closing: { readonly ms: number; readonly code: number };
  /** A list by way of a kubeconfig file. */
  readonly kubeconfig: string;
}

export interface RefusalReport {
  readonly code: string;
  readonly status: number | undefined;
  readonly hasBody: boolean;
  readonly bodyLength: number;
  /** Whether the credential is anywhere in the error. */
  readonly showsCredential: boolean;
}

/** What came of a flood that was not read until the server stood still, or the connection had ended. */
export interface FloodReport {
  readonly sentBytes: number;
  /** Those that the network had taken by then. */
  readonly pushedBytes: number;
  /** Those that came when all was read in the end. */
  readonly readBytes: number;
  readonly code: string;
  /** The code of the Close that the server received. */
  readonly closeCode: number;
}

/** What became of sessions, which is the same everywhere but for the last. */
export interface SessionsReport {
  /** What the program answered that was attached to, and how it ended behind its input. */
  readonly attached: string;
  /** What a command counted up to the end of its input, and its exit code. */
  readonly counted: string;
  /** The sizes that a terminal had. */
  readonly sizes: readonly string[];
  /** Of a command in a Pod that is not there. */
  readonly missing: string;
  /** Bytes that were kept in a file, as nobody read them until the end. */
  readonly spooled: number | string;
}

/** What became of a shell on a terminal in a page. */
export interface TerminalReport {
  /** What a command wrote that was typed. */
  readonly echoed: string;
  /** What `stty size` wrote before and after the terminal got another size. */
  readonly sizes: readonly string[];
  /** How far the lines of 1 MB count that stayed on the terminal. */
  readonly counted: number;
  readonly exit: string;
}
