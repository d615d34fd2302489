import { afterAll, describe, expect, test } from "vitest";
import { type Backends, startBackends } from "./port-backends.ts";
import { portForwardSuite } from "./port-forward-suite.ts";
import { shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { answerTo, upgradeRequest, v4, v5 } from "./sessions.ts";
import { devServerUpgrade, spdyHeaders } from "./upgraded.ts";

let backends: Backends;

const served = serve("forward", {}, async ({ requests }) => {
  backends = await startBackends();
  await requests.run("web", shell("sleep 1000"));
  await requests.create("ended", shell("exit 0"));
  await requests.until("ended", ({ status }) => status.phase === "Succeeded");
});

afterAll(async () => {
  backends.close();
});

portForwardSuite({
  upgrade: () => devServerUpgrade(() => served.server, "web"),
  ports: () => backends.ports,
});

describe("before the 101", () => {
  const answer = async (target: string, headers: Readonly<Record<string, string | undefined>>) => {
    const method = headers["Upgrade"] === "SPDY/3.1" ? "POST" : "GET";
    const [head = "", body = ""] = (
      await answerTo(served.server, upgradeRequest(served.server, target, headers, method))
    ).split("\r\n\r\n");
    return { head: head.split("\r\n"), body };
  };
  const overChannels = { "Sec-WebSocket-Protocol": v4 };

  test.for([
    ["abc", 'parsing "abc": invalid syntax'],
    ["", 'parsing "": invalid syntax'],
    ["-1", 'parsing "-1": invalid syntax'],
    ["70000", 'parsing "70000": value out of range'],
    ["80,abc", 'parsing "abc": invalid syntax'],
  ] as const)("ports=%s is a 400 Status", async ([ports, why]) => {
    const { head, body } = await answer(`web/portforward?ports=${ports}`, overChannels);
    expect(head[0]).toBe("HTTP/1.1 400 Bad Request");
    expect(JSON.parse(body)).toMatchObject({
      message: `cannot convert to []int32: strconv.ParseUint: ${why}`,
      reason: "BadRequest",
    });
  });

  test.for([
    ["web/portforward", "400 Bad Request", 'query parameter "port" is required'],
    ["web/portforward?ports=0", "400 Bad Request", 'port "0" must be > 0'],
    ["ended/portforward?ports=80", "500 Internal Server Error", 'pod not found ("ended_default")'],
  ] as const)("E12: %s is a %s in plain text", async ([target, status, text]) => {
    const { head, body } = await answer(target, overChannels);
    expect([head[0], body]).toEqual([`HTTP/1.1 ${status}`, text]);
  });

  test("a missing Pod is a 404 Status, over SPDY too", async () => {
    for (const headers of [overChannels, spdyHeaders("portforward.k8s.io")]) {
      const { head, body } = await answer("nope/portforward?ports=80", headers);
      expect([head[0], JSON.parse(body).message]).toEqual([
        "HTTP/1.1 404 Not Found",
        'pods "nope" not found',
      ]);
    }
  });

  test.for([v5, "channel.k8s.io", "portforward.k8s.io", "v2.portforward.k8s.io"])(
    "E13: %s is a bare 403",
    async (protocol) => {
      const request = upgradeRequest(served.server, "web/portforward?ports=80", {
        "Sec-WebSocket-Protocol": protocol,
      });
      expect(await answerTo(served.server, request)).toBe(
        "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n",
      );
    },
  );

  test("what SPDY or a tunnel cannot agree on is a 403 that says what there is", async () => {
    for (const headers of [spdyHeaders("foo.k8s.io"), { "Sec-WebSocket-Protocol": "SPDY/3.1+foo.k8s.io" }]) {
      const { head, body } = await answer("web/portforward", headers);
      expect(head).toEqual([
        "HTTP/1.1 403 Forbidden",
        "Content-Length: 115",
        "Content-Type: text/plain; charset=utf-8",
        "X-Accepted-Stream-Protocol-Versions: portforward.k8s.io",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
      ]);
      expect(body).toBe(
        "unable to upgrade: unable to negotiate protocol: client supports [foo.k8s.io], server accepts [portforward.k8s.io]\n",
      );
    }
  });
});
