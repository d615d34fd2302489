import { describe, expect, test } from "vitest";
import { containerDefaults } from "./container-defaults.ts";
import { podOf, podsPath } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("spec");

const exec = { command: ["a"] };

async function sent(container: object, spec: object = {}) {
  const body = podOf(
    "checked",
    { command: ["true"], ...container },
    { terminationGracePeriodSeconds: 10, ...spec },
  );
  const { status, text } = await served.requests.send("POST", `${podsPath}?dryRun=All`, body);
  return { status, body: JSON.parse(text) };
}

describe("probes and hooks are stored with the defaults of a real cluster:", () => {
  const defaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  test.for([
    [
      { readinessProbe: { exec, successThreshold: 2, periodSeconds: 0, timeoutSeconds: 0 } },
      { readinessProbe: { exec, ...defaults, successThreshold: 2 } },
    ],
    [
      { startupProbe: { httpGet: { port: "web" } } },
      { startupProbe: { httpGet: { path: "/", port: "web", scheme: "HTTP" }, ...defaults } },
    ],
    [
      { livenessProbe: { tcpSocket: { port: 1 }, initialDelaySeconds: 3, terminationGracePeriodSeconds: 5 } },
      {
        livenessProbe: {
          tcpSocket: { port: 1 },
          ...defaults,
          initialDelaySeconds: 3,
          terminationGracePeriodSeconds: 5,
        },
      },
    ],
    [{ lifecycle: {} }, { lifecycle: {} }],
    [
      { lifecycle: { postStart: { httpGet: { port: "x" } }, preStop: { sleep: { seconds: 0 } } } },
      {
        lifecycle: {
          postStart: { httpGet: { path: "/", port: "x", scheme: "HTTP" } },
          preStop: { sleep: { seconds: 0 } },
        },
      },
    ],
    [
      { ports: [{ name: "web", containerPort: 80 }] },
      { ports: [{ name: "web", containerPort: 80, protocol: "TCP" }] },
    ],
  ])("%j", async ([container = {}, stored]) => {
    const { status, body } = await sent(container);
    expect(status).toBe(201);
    expect(body.spec.containers[0]).toEqual({
      name: "main",
      image: "busybox",
      command: ["true"],
      ...containerDefaults,
      ...stored,
    });
  });
});

describe("what is wrong with probes and hooks is refused, in the words of a real cluster:", () => {
  const header = "a valid HTTP header must consist of alphanumeric characters or '-'";
  test.for<[object, ...[string, string][]]>([
    [{ livenessProbe: {} }, ["livenessProbe", "Required value: must specify a handler type"]],
    [{ livenessProbe: { exec: {} } }, ["livenessProbe.exec.command", "Required value"]],
    [
      { livenessProbe: { exec, httpGet: { port: 1 } } },
      ["livenessProbe.httpGet", "Forbidden: may not specify more than 1 handler type"],
    ],
    [
      { livenessProbe: { exec, successThreshold: 2, periodSeconds: -1, initialDelaySeconds: -2 } },
      ["livenessProbe.initialDelaySeconds", "Invalid value: -2: must be greater than or equal to 0"],
      ["livenessProbe.periodSeconds", "Invalid value: -1: must be greater than or equal to 0"],
      ["livenessProbe.successThreshold", "Invalid value: 2: must be 1"],
    ],
    [
      { startupProbe: { exec, successThreshold: 2 } },
      ["startupProbe.successThreshold", "Invalid value: 2: must be 1"],
    ],
    [
      { readinessProbe: { httpGet: {} } },
      ["readinessProbe.httpGet.port", "Invalid value: 0: must be between 1 and 65535, inclusive"],
    ],
    [
      { readinessProbe: { httpGet: { port: "WEB_" } } },
      [
        "readinessProbe.httpGet.port",
        'Invalid value: "WEB_": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      ],
      ["readinessProbe.httpGet.port", 'Invalid value: "WEB_": must contain at least one letter (a-z)'],
    ],
    [
      { readinessProbe: { httpGet: { port: 80, scheme: "FTP" } } },
      ["readinessProbe.httpGet.scheme", 'Unsupported value: "FTP": supported values: "HTTP", "HTTPS"'],
    ],
    [
      { readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: "a b", value: "x" }] } } },
      [
        "readinessProbe.httpGet.httpHeaders",
        `Invalid value: "a b": ${header} (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
      ],
    ],
    [
      { readinessProbe: { exec, terminationGracePeriodSeconds: 5 } },
      [
        "readinessProbe.terminationGracePeriodSeconds",
        "Invalid value: 5: must not be set for readinessProbes",
      ],
    ],
    [
      { livenessProbe: { exec, terminationGracePeriodSeconds: 0 } },
      ["livenessProbe.terminationGracePeriodSeconds", "Invalid value: 0: must be greater than 0"],
    ],
    [
      { lifecycle: { postStart: {} } },
      ["lifecycle.postStart", "Required value: must specify a handler type"],
    ],
    [
      { lifecycle: { preStop: { exec, sleep: { seconds: 1 } } } },
      ["lifecycle.preStop.sleep", "Forbidden: may not specify more than 1 handler type"],
    ],
    ...[-1, 11].map((seconds): [object, [string, string]] => [
      { lifecycle: { preStop: { sleep: { seconds } } } },
      [
        "lifecycle.preStop.sleep",
        `Invalid value: ${seconds}: must be non-negative and less than terminationGracePeriodSeconds (10)`,
      ],
    ]),
  ])("%j", async ([container, ...causes]) => {
    const { status, body } = await sent(container);
    const found = body.details.causes.map((one: Record<string, string>) => [one["field"], one["message"]]);
    expect([status, found]).toEqual([
      422,
      causes.map(([field, message]) => [`spec.containers[0].${field}`, message]),
    ]);
  });

  test("of init containers that are no sidecars, all of them", async () => {
    const initContainers = [
      { name: "i", image: "busybox", readinessProbe: { exec }, lifecycle: { preStop: { exec } } },
    ];
    const { status, body } = await sent({}, { initContainers });
    const message = "Forbidden: may not be set for init containers without restartPolicy=Always";
    expect([status, body.details.causes]).toEqual([
      422,
      ["lifecycle", "readinessProbe"].map((one) => ({
        reason: "FieldValueForbidden",
        message,
        field: `spec.initContainers[0].${one}`,
      })),
    ]);
  });
});

test.for([
  [
    { readinessProbe: { grpc: { port: 5 } } },
    "readinessProbe.grpc",
    /does not support grpc in readinessProbe; it does exec, httpGet, tcpSocket$/,
  ],
  [
    { lifecycle: { preStop: { tcpSocket: { port: 1 } } } },
    "lifecycle.preStop.tcpSocket",
    /it does exec, httpGet, sleep$/,
  ],
  [
    { readinessProbe: { tcpSocket: { port: 1, host: "example.com" } } },
    "readinessProbe.tcpSocket.host",
    /loopback alone$/,
  ],
] as const)("what devserver does not do is refused: %j", async ([container, field, message]) => {
  const { status, body } = await sent(container);
  expect([status, body.details.causes]).toEqual([
    422,
    [
      {
        reason: expect.any(String),
        message: expect.stringMatching(message),
        field: `spec.containers[0].${field}`,
      },
    ],
  ]);
});
