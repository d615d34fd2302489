import { createDevServer } from "@podwire/devserver";
import { beforeAll, expect, test } from "vitest";
import { startBackends } from "./port-backends.ts";
import { restActions } from "./rest-actions.ts";
import { restDifferences } from "./rest-differences.ts";
import { type Answered, answersOf } from "./rest-transcript.ts";
import { sessionActions } from "./session-actions.ts";
import recorded from "./transcripts/rest.json" with { type: "json" };
import sessions from "./transcripts/sessions.json" with { type: "json" };

// What a real server answered is in transcripts/rest.json and sessions.json, to which rest-answers.cluster.test.ts holds a real server.

const real = new Map<string, Answered>(Object.entries({ ...recorded, ...sessions }));
const actions = [...restActions, ...sessionActions];
let answers: Readonly<Record<string, Answered>>;

beforeAll(async () => {
  await using server = await createDevServer();
  const headers = { authorization: `Bearer ${server.config.token}` };
  const { ports, close } = await startBackends();
  answers = await answersOf({ url: server.url, headers, ports }, actions);
  close();
  // Each of the actions has a limit of its own.
}, 300_000);

test("every action was asked of a real server, and each has a name of its own", () => {
  const ids = actions.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...real.keys()].sort()).toEqual([...ids].sort());
});

test.each(actions)("$id is answered as by a real server, or otherwise for a reason", ({ id }) => {
  const [own, theirs] = [answers[id], real.get(id)];
  const differences = restDifferences.filter(({ of }) => of.test(id));
  const [difference] = differences;
  if (!difference) {
    expect(own).toEqual(theirs);
    return;
  }
  expect(differences).toHaveLength(1);
  expect(own, "the difference is stale: take it off the list").not.toEqual(theirs);
  expect(own).toMatchObject({
    status: difference.status ?? theirs?.status,
    type: theirs?.type,
    // Of a session it is all that the server sent.
    body:
      own?.status === 101
        ? expect.stringMatching(difference.says)
        : { kind: "Status", message: expect.stringMatching(difference.says) },
  });
});

test("every difference is about an action", () => {
  const ids = actions.map(({ id }) => id);
  expect(restDifferences.filter(({ of }) => !ids.some((id) => of.test(id)))).toEqual([]);
});
