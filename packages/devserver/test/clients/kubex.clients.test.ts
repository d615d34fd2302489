import { describe, expect, test } from "vitest";
import { installed } from "../../../../tools/checks/src/installation.ts";
import { kubex } from "./clients.ts";
import { printed } from "./programs.ts";
import { useTarget } from "./target.ts";

const client = await installed(kubex);

describe.skipIf(client.trouble)("kubex", () => {
  const target = useTarget();

  test.each(["httpx", "aiohttp"])("runs its page's example on attach, by %s", async (by) => {
    expect(await printed(client, target, "attach_page", by)).toBe("attach output: echo: hello\n\n");
  });
});
