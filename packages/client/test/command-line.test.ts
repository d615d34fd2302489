import { expect, test } from "vitest";
import { withoutCommandLine, withoutCommandLineIn } from "../src/command-line.ts";

const url = "https://192.0.2.1:10250/exec/d/p/main";

test.each([
  [`Post "${url}?command=login&command=secret&output=1": dial tcp`, `Post "${url}": dial tcp`],
  // As it is in JSON.
  [
    `{"message":"Post \\"${url}?command=a\\u0026command=secret\\": refused"}`,
    `{"message":"Post \\"${url}\\": refused"}`,
  ],
  [`${url}?command=a and ${url}?command=b`, `${url} and ${url}`],
  ["what? https://example.com/a", "what? https://example.com/a"],
  [
    "error executing command [login secret] [x], exit code 3], exit code 4",
    "error executing command [...], exit code 4",
  ],
  ["error executing command [sh\n-c\nsecret], exit code 3", "error executing command [...], exit code 3"],
  [
    "error executing command in container: exec: no such file",
    "error executing command in container: exec: no such file",
  ],
])("%s", (text, left) => {
  expect(withoutCommandLine(text)).toBe(left);
});

test("a Status keeps everything else", () => {
  const message = `Get "${url}?command=secret"`;
  const status = {
    status: "Failure",
    message,
    reason: "InternalError",
    details: { name: "p", causes: [{ reason: "x", message }, { reason: "y" }] },
    code: 500,
  };
  expect(withoutCommandLineIn(status)).toEqual({
    ...status,
    message: `Get "${url}"`,
    details: { name: "p", causes: [{ reason: "x", message: `Get "${url}"` }, { reason: "y" }] },
  });
  expect(withoutCommandLineIn({ status: "Success" })).toEqual({ status: "Success" });
});
