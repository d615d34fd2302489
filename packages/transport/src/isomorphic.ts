import imported from "isomorphic-ws";
import type { Dial } from "./connection.ts";
import { TransportError } from "./errors.ts";
import { dialThrough, type WebSocketShape } from "./web-socket.ts";

export * from "./contract.ts";

/** The third argument is for `ws`; a page's constructor takes two and ignores it. */
type Constructor = new (
  url: string,
  protocols: string[],
  options: { perMessageDeflate: boolean },
) => WebSocketShape;

/** Opens a WebSocket with isomorphic-ws: `ws` in Node, the global constructor in a page. */
export const dial: Dial = dialThrough((url, protocols) => {
  // The global is looked up at each call: isomorphic-ws did so once, when it was loaded.
  const socketClass = usable(imported) ?? usable(globalThis.WebSocket);
  if (socketClass) return new socketClass(url, protocols, { perMessageDeflate: false });
  throw new TransportError("CONNECT_FAILED", "neither ws nor a global WebSocket can be used here");
});

/**
 * The import is the class in Node and in most page bundles, `{ default: class }` when a page bundle came to it
 * by `require`, undefined without a global, and where resolvers mix up Node and pages a function that throws.
 */
function usable(candidate: unknown): Constructor | undefined {
  if (isConstructor(candidate)) return candidate;
  if (typeof candidate !== "object" || candidate === null || !("default" in candidate)) return undefined;
  return isConstructor(candidate.default) ? candidate.default : undefined;
}

function isConstructor(candidate: unknown): candidate is Constructor {
  return typeof candidate === "function" && typeof candidate.prototype?.send === "function";
}
