import { expect, test } from "vitest";
import { restActions } from "./rest-actions.ts";
import { answersOf } from "./rest-transcript.ts";
import { sessionActions } from "./session-actions.ts";
import recorded from "./transcripts/rest.json" with { type: "json" };
import sessions from "./transcripts/sessions.json" with { type: "json" };
import { clusterSecrets } from "./upgraded.ts";

const ports = { echo: 18_080, nobody: 18_081 };

test.each([
  ["answers", restActions, recorded],
  ["talks in sessions", sessionActions, sessions],
])(
  "a real server %s as was recorded of one",
  async (_what, actions, expected) => {
    const { host, port, ...tls } = await clusterSecrets();
    expect(await answersOf({ url: `https://${host}:${port}`, tls, ports }, actions)).toEqual(expected);
  },
  // Each of the actions has a limit of its own.
  300_000,
);
