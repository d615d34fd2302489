/** Says which of the platform's own means something used to connect. */
export async function meansOf(act: () => Promise<unknown>): Promise<string> {
  const used = new Set<string>();
  const undo = ["WebSocketStream", "WebSocket", "fetch"].map((name) => watch(name, () => used.add(name)));
  try {
    await act();
  } finally {
    for (const restore of undo) restore();
  }
  return [...used].join(", ") || "ws";
}

function watch(name: string, onUse: () => void): () => void {
  const original: unknown = Reflect.get(globalThis, name);
  if (typeof original !== "function") return () => undefined;
  const watched = new Proxy(original, {
    construct(target, args) {
      onUse();
      return Reflect.construct(target, args);
    },
    apply(target, self, args): unknown {
      onUse();
      return Reflect.apply(target, self, args);
    },
  });
  Reflect.set(globalThis, name, watched);
  return () => Reflect.set(globalThis, name, original);
}
