import type { SmallSession, StreamSession } from "@podwire/client";
import type { Terminal as HeadlessTerminal } from "@xterm/headless";
import type { ITerminalAddon, Terminal } from "@xterm/xterm";
import { expectTypeOf, test } from "vitest";
import { PodAddon, type TerminalConnection, type TerminalLike, type TerminalSession } from "../src/index.ts";

test("both kinds of terminal are taken, and every session", () => {
  expectTypeOf<Terminal>().toExtend<TerminalLike>();
  expectTypeOf<HeadlessTerminal>().toExtend<TerminalLike>();
  expectTypeOf<StreamSession>().toExtend<TerminalSession>();
  expectTypeOf<SmallSession>().toExtend<TerminalSession>();
  expectTypeOf<PodAddon>().toExtend<ITerminalAddon>();
  expectTypeOf<TerminalConnection["ended"]>().resolves.toHaveProperty("kind");
});

test("an option that does not exist does not compile", () => {
  expectTypeOf(PodAddon).constructorParameters.branded.toEqualTypeOf<
    ConstructorParameters<typeof PodAddon>
  >();
  // @ts-expect-error: it is `links`
  void ((session: StreamSession) => new PodAddon(session, { link: true }));
});
