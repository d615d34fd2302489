import fc from "fast-check";
import { ways } from "./readings.ts";
import { checkNow, type Name, names, type World } from "./world.ts";

type Step = (world: World) => unknown;
type Command = fc.AsyncCommand<object, World>;

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const status = hex("037b22737461747573223a2253756363657373227d");
const channels = { stdout: 1, stderr: 2 } as const;

/** A command that does one step, and then waits until everything that follows from it at once has happened. */
function command(name: string, step: Step): Command {
  return {
    check: () => true,
    async run(_model, world) {
      const settling = step(world);
      if (settling instanceof Promise) {
        settling.catch(() => undefined);
        world.pending.push(settling);
      }
      await new Promise(setImmediate);
      checkNow(world);
    },
    toString: () => name,
  };
}

/** Output of letters and line feeds, with an x now and then. */
const output = fc
  .tuple(
    fc.constantFrom(...names),
    fc.integer({ min: 1, max: 900 }),
    fc.constantFrom("a", "b\n", "c", "x", "\n"),
  )
  .map(([name, bytes, pattern]: [Name, number, string]) =>
    command(`${bytes} bytes of ${name}`, (world) => {
      if (!world.connection.open) return;
      const text = pattern.repeat(bytes).slice(0, bytes);
      world.cutShort ||= world.statusSent;
      world.sent[name] += text;
      world.connection.deliver(Uint8Array.of(channels[name], ...Buffer.from(text)));
    }),
  );

const odd = fc
  .constantFrom("", "01", "02", "03", "0978", "0078", "0478", "ff01", "ff")
  .map((text) => command(`message ${text}`, ({ connection }) => connection.deliver(hex(text))));

const statuses = fc.constantFrom(
  command("status", (world) => {
    world.statusSent ||= world.connection.open;
    world.connection.deliver(status);
  }),
  command("half a status", ({ connection }) => connection.deliver(status.subarray(0, 9))),
);

const reads = fc
  .tuple(fc.constantFrom(...names), fc.constantFrom(...ways))
  .map(([name, way]) => command(`read ${name}: ${way}`, ({ readings }) => readings.read(name, way)));

const waits = fc.constantFrom(
  command("exited", ({ session }) => session.exited),
  command("verified", ({ session }) => session.verified),
  command("waitForStatus", ({ session }) => session.waitForStatus()),
);

const writes = fc.oneof(
  fc.constantFrom("", "y", "z".repeat(70_000)).map((text) =>
    command(`write ${text.length} bytes`, (world) => {
      if (!world.written.closed) world.written.text += text;
      return world.session.stdin.write(text);
    }),
  ),
  fc.constantFrom(
    command("resize", ({ session }) => session.resize(80, 24)),
    command("closeStdin", (world) => {
      world.written.closed = true;
      return world.session.closeStdin();
    }),
    command("full", ({ connection }) => {
      connection.full = true;
    }),
    command("drained", ({ connection }) => connection.drained()),
  ),
);

const times = (advance: (ms: number) => Promise<unknown>) =>
  fc.constantFrom(500, 2_000, 30_000).map((ms) => command(`${ms} ms pass`, () => advance(ms)));

const ends = fc.constantFrom(
  command("peer closes", ({ connection }) => connection.end(1000)),
  command("peer goes away", ({ connection }) => connection.end()),
  command("abort", (world) => {
    world.cutShort = true;
    world.controller.abort(new Error("changed my mind"));
  }),
  command("close", (world) => {
    world.cutShort = true;
    return world.session.close();
  }),
);

/** Everything that can happen to a session, the usual more often. */
export function sessionCommands(advance: (ms: number) => Promise<unknown>) {
  return fc.commands(
    [
      output,
      output,
      output,
      reads,
      reads,
      writes,
      odd,
      times(advance),
      fc.oneof(
        { arbitrary: waits, weight: 3 },
        { arbitrary: statuses, weight: 2 },
        { arbitrary: ends, weight: 1 },
      ),
    ],
    { maxCommands: 60, size: "max" },
  );
}
