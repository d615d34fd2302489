import { describe, expect, test } from "vitest";
import { podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("log", {}, async () => {
  await served.requests.run("web", shell("sleep 1000"));
  await served.requests.create(
    "two",
    {},
    {
      containers: [
        { name: "a", image: "busybox", command: ["sleep", "1000"] },
        { name: "b", image: "nope" },
        { name: "c", image: "nope", imagePullPolicy: "Never" },
      ],
    },
  );
  await served.requests.until(
    "two",
    ({ status }) => status.containerStatuses?.[0]?.state.running !== undefined,
  );
});

async function refusalOf(target: string) {
  const { status, text } = await served.requests.send("GET", `${podsPath}/${target}`);
  const { message, reason } = JSON.parse(text);
  return [status, reason, message];
}

// Each in the words of a real cluster.
test.for([
  ["none/log", 404, "NotFound", 'pods "none" not found'],
  ["web/log?container=zz", 400, "BadRequest", "container zz is not valid for pod web"],
  ["web/log?previous=true", 400, "BadRequest", 'previous terminated container "main" in pod "web" not found'],
  ["two/log", 400, "BadRequest", "a container name must be specified for pod two, choose one of: [a b c]"],
  [
    "two/log?container=b",
    400,
    "BadRequest",
    'container "b" in pod "two" is waiting to start: image can\'t be pulled',
  ],
  [
    "two/log?container=c&follow=true",
    400,
    "BadRequest",
    'container "c" in pod "two" is waiting to start: ErrImageNeverPull',
  ],
  ["none/log?limitBytes=x", 400, "BadRequest", 'strconv.ParseInt: parsing "x": invalid syntax'],
  ["none/log?tailLines=", 400, "BadRequest", 'strconv.ParseInt: parsing "": invalid syntax'],
  [
    "none/log?sinceSeconds=9223372036854775808",
    400,
    "BadRequest",
    'strconv.ParseInt: parsing "9223372036854775808": value out of range',
  ],
  [
    "none/log?sinceTime=xx",
    400,
    "BadRequest",
    'parsing time "xx" as "2006-01-02T15:04:05Z07:00": cannot parse "xx" as "2006"',
  ],
] as const)("%s is refused with %i", async ([target, status, reason, message]) => {
  expect(await refusalOf(target)).toEqual([status, reason, message]);
});

describe("a wrong value is a 422, before the Pod is looked for:", () => {
  test.for([
    ["tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0"],
    ["limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0"],
    ["sinceSeconds=0", "sinceSeconds: Invalid value: 0: must be greater than 0"],
    [
      "sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z",
      "[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
    ],
    ["stream=Stdout", "stream: Forbidden: may not be specified"],
    [
      "tailLines=-1&limitBytes=0",
      "[tailLines: Invalid value: -1: must be greater than or equal to 0, limitBytes: Invalid value: 0: must be greater than 0]",
    ],
  ] as const)("%s", async ([query, message]) => {
    expect(await refusalOf(`none/log?${query}`)).toEqual([
      422,
      "Invalid",
      `PodLogOptions "none" is invalid: ${message}`,
    ]);
  });
});

test("only GET is allowed", async () => {
  expect((await served.requests.send("POST", `${podsPath}/web/log`)).status).toBe(405);
});
