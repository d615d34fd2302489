import { expect, test } from "vitest";
import { restActions } from "./rest-actions.ts";
import { answersOf } from "./rest-transcript.ts";
import recorded from "./transcripts/rest.json" with { type: "json" };
import { clusterSecrets } from "./upgraded.ts";

test("a real server answers as was recorded of one", async () => {
  const { host, port, ...tls } = await clusterSecrets();
  expect(await answersOf({ url: `https://${host}:${port}`, tls }, restActions)).toEqual(recorded);
});
