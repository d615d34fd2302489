/** Which Kubernetes a server behaves like, by its version: `1.29`. */
export type Personality = `1.${number}`;

/** What differs between them, as far as sessions show it. */
export interface Traits {
  readonly minor: number;
  /**
   * Who speaks v5 for the runtimes, which do not: nobody before 1.30; the API server, which says all that the kubelet
   * refuses behind its 101; and from 1.36 on the kubelet, whose refusals are ordinary answers.
   */
  readonly translator: "none" | "api-server" | "kubelet";
  /** Whether port-forward goes through tunnels of WebSocket. */
  readonly tunnels: boolean;
  /** Whether a session by GET needs the right to create it besides. */
  readonly asksTwice: boolean;
}

export const defaultPersonality: Personality = "1.36";
const oldestMinor = 20;

/** Undefined for what is no version, or one before 1.20. */
export function traitsOf(personality: string): Traits | undefined {
  const [, digits] = /^1\.(\d{1,3})$/.exec(personality) ?? [];
  const minor = Number(digits);
  if (digits === undefined || minor < oldestMinor) return undefined;
  return {
    minor,
    translator: minor < 30 ? "none" : minor < 36 ? "api-server" : "kubelet",
    tunnels: minor >= 31,
    asksTwice: minor >= 35,
  };
}
