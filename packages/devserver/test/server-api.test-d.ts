import type { DevServer, Session, SessionOutcome } from "@podwire/devserver";
import { expectTypeOf, test } from "vitest";

declare const server: DevServer;
declare const session: Session;

test("what tests ask of a server has its types", () => {
  () => {
    expectTypeOf(server.sessions.next({ subresource: "exec" })).resolves.toEqualTypeOf<Session>();
    expectTypeOf(session.ended).resolves.toEqualTypeOf<SessionOutcome>();
    expectTypeOf(session.stdin.bytes).toEqualTypeOf<Uint8Array>();
    expectTypeOf(server.pods.until("web", () => true))
      .resolves.exclude(undefined)
      .toHaveProperty("status");
    // @ts-expect-error a log is no session
    void server.sessions.next({ subresource: "log" });
    // @ts-expect-error an image has to be given
    void server.pods.run({ name: "web" });
    // @ts-expect-error there is no such policy
    void server.pods.run({ image: "busybox", restartPolicy: "Sometimes" });
    // @ts-expect-error a code is there of an exec alone
    session.outcome?.code;
    if (session.outcome?.kind === "exited") expectTypeOf(session.outcome.code).toBeNumber();
  };
});
