import { dial } from "@podwire/transport/browser";
import { vi } from "vitest";

/** The dial of a page whose browser has no WebSocketStream, as most have none. */
export const dialWithoutStreams: typeof dial = (...call) => {
  vi.stubGlobal("WebSocketStream", undefined);
  try {
    return dial(...call);
  } finally {
    vi.unstubAllGlobals();
  }
};
