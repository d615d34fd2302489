import { readFileSync } from "node:fs";

/** One message, cut into channel and payload; binary messages and payloads in hex. */
export interface FrameVector {
  readonly id: string;
  readonly encoding: "binary" | "base64";
  readonly message: string;
  readonly channel: number;
  readonly payload: string;
}

/** Bytes that a decoder must refuse, and how. */
export interface BadBytesVector {
  readonly id: string;
  readonly decoder: "frame" | "base64" | "close" | "port" | "status" | "resize" | "bearer";
  readonly hex?: string;
  readonly text?: string;
  readonly code: string;
}

export interface CloseVector {
  readonly id: string;
  readonly message: string;
  readonly channel: number;
}

/** Payloads of the resize channel as text, and the sizes [width, height] they carry. */
export interface ResizeVector {
  readonly id: string;
  readonly payloads: readonly string[];
  readonly sizes: readonly (readonly [number, number])[];
  /** Whether encoding the size gives exactly this payload. */
  readonly encodes?: boolean;
}

/** A Status as it was on the wire, and the exit code it tells: null for none, or the error of a malformed one. */
export interface StatusVector {
  readonly id: string;
  readonly json: string;
  readonly exitCode?: number | null;
  readonly error?: string;
}

/** What a client offers, and what a server that knows v5 (apiserver) or not (runtime) chooses. */
export interface HandshakeVector {
  readonly id: string;
  readonly offered: readonly string[];
  readonly server: "apiserver" | "runtime";
  readonly chosen: string | null;
}

export interface BearerVector {
  readonly id: string;
  readonly name: string;
  readonly token: string | null;
}

export interface PortVector {
  readonly id: string;
  readonly payload: string;
  readonly port: number;
}

/** What a server sends: hex of a binary message, a text message, a message in fragments, or one long message. */
export type ServerMessage =
  | string
  | { readonly text: string }
  | { readonly fragments: readonly string[] }
  | { readonly channel: number; readonly fill: string; readonly bytes: number };

/** A whole v5 session as a client meets it, and how the client must say it ended. */
export interface SessionVector {
  readonly id: string;
  readonly messages: readonly ServerMessage[];
  /** The close code, 1005 for a Close without one; or the connection breaks, or nothing comes at all. */
  readonly close: number | "tcp" | "open";
  readonly exit: { readonly kind: string; readonly code?: number; readonly error?: string };
  readonly stdout: string | { readonly fill: string; readonly bytes: number };
}

/** All that a real API server (Kubernetes 1.36, containerd) sent in one session, frame by frame as it was on the wire. */
export interface RecordingVector {
  readonly id: string;
  readonly kind: "attach" | "exec";
  readonly protocol: string;
  /** The marker's name that the command was given, when it was verified. */
  readonly marker?: string;
  readonly exit: { readonly kind: string; readonly code?: number };
  readonly frames: readonly string[];
}

function load<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`../data/${name}.json`, import.meta.url), "utf8")) as readonly T[];
}

export const frames = load<FrameVector>("frames");
export const badBytes = load<BadBytesVector>("bad-bytes");
export const closes = load<CloseVector>("closes");
export const resizes = load<ResizeVector>("resizes");
export const statuses = load<StatusVector>("statuses");
export const handshakes = load<HandshakeVector>("handshakes");
export const bearers = load<BearerVector>("bearers");
export const ports = load<PortVector>("ports");
export const recordings = load<RecordingVector>("recordings");
export const sessions = load<SessionVector>("sessions");

export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
