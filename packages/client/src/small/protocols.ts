import type { subprotocols } from "@podwire/codec";

// Typed by the object and not taken from it, which a page would load whole.
export const v5: typeof subprotocols.v5 = "v5.channel.k8s.io";
export const v4: typeof subprotocols.v4 = "v4.channel.k8s.io";
