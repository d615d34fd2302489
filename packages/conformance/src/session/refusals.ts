import { type Audit, must } from "./audit.ts";
import { everythingIn } from "./everything-in.ts";
import { expectLike, expectRejection } from "./likeness.ts";

/** What a server says to sessions that it does not open. */
export const refusalAudits: readonly Audit[] = [
  must("refusal-no-pod", "say that there is no such Pod", async (bench) => {
    const opening = bench.api.exec.stream("no-such-pod", { command: ["true"], protocols: bench.protocols });
    await expectRejection(opening, {
      code: "NOT_FOUND",
      httpStatus: 404,
      message: 'pods "no-such-pod" not found',
    });
  }),

  must(
    "refusal-no-pod-unread",
    "say so also to whoever has not looked before",
    async (bench) => {
      const options = { command: ["true"], protocols: bench.protocols, readPod: false };
      await expectRejection(bench.api.exec.stream("no-such-pod", options), {
        code: "NOT_FOUND",
        status: { reason: "NotFound", details: { name: "no-such-pod" } },
      });
    },
    "refusals",
  ),

  must(
    "refusal-no-container",
    "say that the Pod has no such container",
    async (bench) => {
      await expectRejection(bench.run(["true"], { container: "zz" }), {
        code: "BAD_REQUEST",
        httpStatus: 400,
        status: { reason: "BadRequest" },
        message: `container zz is not valid for pod ${bench.shell}`,
      });
    },
    "refusals",
  ),

  must(
    "refusal-stranger",
    "turn a wrong token away, and the error keeps that token to itself",
    async (bench) => {
      const token = "secret-token-that-is-wrong";
      const stranger = await bench.stranger(token);
      const options = { command: ["true"], protocols: bench.protocols, readPod: false };
      const error = await expectRejection(stranger.exec.stream(bench.shell, options), {
        code: "UNAUTHORIZED",
        httpStatus: 401,
      });
      const seen = everythingIn(error);
      expectLike(seen.includes(token), false, "the token in the error");
    },
    "refusals",
  ),
];
