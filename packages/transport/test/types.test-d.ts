import { dial as automatic, type Dial, type DialOptions, dialWith } from "@podwire/transport";
import { dial as page } from "@podwire/transport/browser";
import { dial as isomorphic } from "@podwire/transport/isomorphic";
import { type NodeDialOptions, nodeDial } from "@podwire/transport/node";
import { expectTypeOf, test } from "vitest";
import { WebSocket as WsWebSocket } from "ws";

test("every entry's dial is a Dial", () => {
  expectTypeOf(automatic).toEqualTypeOf<Dial>();
  expectTypeOf(page).toEqualTypeOf<Dial>();
  expectTypeOf(isomorphic).toEqualTypeOf<Dial>();
  expectTypeOf(nodeDial).toExtend<Dial>();
});

test("dialWith takes the constructor of a page and that of ws", () => {
  expectTypeOf(dialWith).toBeCallableWith(globalThis.WebSocket);
  expectTypeOf(dialWith).toBeCallableWith(WsWebSocket);
  // @ts-expect-error not a WebSocket
  dialWith(EventTarget);
});

test("TLS options belong to Node's dial alone", () => {
  expectTypeOf<DialOptions>().not.toHaveProperty("ca");
  expectTypeOf<NodeDialOptions>().toHaveProperty("ca");
  expectTypeOf<readonly Uint8Array[]>().toExtend<NodeDialOptions["ca"]>();
});
