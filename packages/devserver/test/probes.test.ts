import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createCertificates } from "../src/certificates.ts";
import type { ContainerSpec, Pod } from "../src/pods/pod.ts";
import { eventOf } from "./pod-events.ts";
import { takePort } from "./port-backends.ts";
import { podOf, podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("probe");

const mainOf = ({ status }: Pod) => status.containerStatuses?.[0];
const conditionOf = ({ status }: Pod, type: string) => status.conditions?.find((one) => one.type === type);
const isReady = (pod: Pod): boolean => mainOf(pod)?.ready ?? false;
/** On a busy machine even `true` may take longer than the second that is the default. */
const patient = { periodSeconds: 1, timeoutSeconds: 60 };
const often = { ...patient, failureThreshold: 1 };
const hasty = { ...often, timeoutSeconds: 1 };

/** Creates a Pod with a container that has probes, as a client sends them. */
async function create(container: object, spec: object = {}): Promise<string> {
  const name = served.newName();
  const body = podOf(name, { ...shell("sleep 1000"), ...container }, spec);
  const { status, text } = await served.requests.send("POST", podsPath, body);
  expect([status, text]).toEqual([201, text]);
  return name;
}

const until = (name: string, condition: (pod: Pod) => boolean) => served.requests.until(name, condition);
const unhealthy = (name: string, message: string | RegExp) =>
  eventOf(served, name, (event) => event.reason === "Unhealthy" && new RegExp(message).test(event.message));

describe("a readiness probe", () => {
  test("makes the container and its Pod ready, and takes that back", async () => {
    const name = await create({
      readinessProbe: { exec: { command: ["sh", "-c", "echo out; echo err >&2; [ -e well ]"] }, ...often },
    });
    const event = await unhealthy(name, "^Readiness probe failed: out\nerr\n$");
    expect(event).toMatchObject({
      type: "Warning",
      involvedObject: { fieldPath: "spec.containers{main}" },
    });
    const first = await served.requests.get(name);
    expect(mainOf(first)).toMatchObject({ ready: false, started: true });
    expect(conditionOf(first, "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [main]",
    });
    await served.exec(name, ["touch", "well"]);
    const second = await until(name, isReady);
    for (const type of ["Ready", "ContainersReady"]) expect(conditionOf(second, type)?.status).toBe("True");
    await served.exec(name, ["rm", "well"]);
    const third = await until(name, (pod) => !isReady(pod));
    expect([third.status.phase, conditionOf(third, "Ready")?.status]).toEqual(["Running", "False"]);
    await served.requests.delete(name);
  });

  test("takes as many successes and failures in a row as its thresholds say", async () => {
    const name = await create({
      readinessProbe: {
        exec: { command: ["sh", "-c", "echo x >>tried; [ $(wc -l <tried) -gt 1 ]"] },
        ...patient,
        successThreshold: 2,
      },
    });
    await until(name, isReady);
    expect(Number(await served.exec(name, ["sh", "-c", "wc -l <tried"]))).toBeGreaterThanOrEqual(3);
    await served.requests.delete(name);
  });

  test("that takes too long is ended, and has failed", async () => {
    const name = await create({
      readinessProbe: { exec: { command: ["sh", "-c", "echo hi; sleep 1000"] }, ...hasty },
    });
    await unhealthy(
      name,
      '^Readiness probe failed: command timed out: "sh -c echo hi; sleep 1000" timed out after 1s$',
    );
    await served.requests.delete(name);
  });

  test("that cannot be run is told, and changes nothing", async () => {
    const missing = await create({ readinessProbe: { exec: { command: ["nosuch"] }, ...often } });
    const words =
      'rpc error: code = Unknown desc = failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in \\$PATH$';
    await unhealthy(missing, `^Readiness probe errored and resulted in unknown state: ${words}`);
    const nameless = await create({ livenessProbe: { httpGet: { port: "web" }, ...often } });
    await unhealthy(nameless, 'unknown state: strconv.Atoi: parsing "web": invalid syntax$');
    expect(mainOf(await served.requests.get(nameless))).toMatchObject({ ready: true, restartCount: 0 });
    for (const one of [missing, nameless]) await served.requests.delete(one);
  });
});

describe("a liveness probe", () => {
  /** What its program does at SIGTERM, from when the file is there on. */
  const traps = (action: string) => shell(`trap '${action}' TERM; touch set; while :; do sleep 0.05; done`);
  const sick = { exec: { command: ["sh", "-c", "[ ! -e set ] || { echo sick; exit 1; }"] }, ...often };

  test("ends a container, which then runs again", async () => {
    const name = await create({ ...traps("exit 7"), livenessProbe: sick }, { restartPolicy: "Always" });
    const pod = await until(name, (one) => mainOf(one)?.restartCount === 1);
    expect(mainOf(pod)?.lastState.terminated).toMatchObject({ exitCode: 7, reason: "Error" });
    await unhealthy(name, "^Liveness probe failed: sick\n$");
    const message = "Container main failed liveness probe, will be restarted";
    const killing = await eventOf(served, name, (event) => event.message === message);
    expect(killing).toMatchObject({ type: "Normal", reason: "Killing" });
    await served.requests.delete(name);
  });

  test("ends it for good where it must not run again, and with its own grace period", async () => {
    const name = await create({
      ...traps(""),
      livenessProbe: { ...sick, terminationGracePeriodSeconds: 1 },
    });
    const pod = await until(name, ({ status }) => status.phase === "Failed");
    expect(mainOf(pod)?.state.terminated?.exitCode).toBe(137);
    await eventOf(served, name, (event) => event.message === "Container main failed liveness probe");
  });

  test("also with OnFailure lets it run again, whatever its exit code", async () => {
    const name = await create({ ...traps("exit 0"), livenessProbe: sick }, { restartPolicy: "OnFailure" });
    const pod = await until(name, (one) => mainOf(one)?.restartCount === 1);
    expect(mainOf(pod)?.lastState.terminated?.exitCode).toBe(0);
    await served.requests.delete(name);
  });
});

describe("a startup probe", () => {
  test("holds back the others, and what is started", async () => {
    const name = await create({
      startupProbe: { exec: { command: ["sh", "-c", "[ -e up ]"] }, ...patient, failureThreshold: 100 },
      readinessProbe: { exec: { command: ["true"] }, ...patient },
      livenessProbe: { exec: { command: ["sh", "-c", "[ -e up ]"] }, ...often },
    });
    await unhealthy(name, "^Startup probe failed: $");
    expect(mainOf(await served.requests.get(name))).toMatchObject({ started: false, ready: false });
    await served.exec(name, ["touch", "up"]);
    const pod = await until(name, isReady);
    expect(mainOf(pod)).toMatchObject({ started: true, restartCount: 0 });
    await served.requests.delete(name);
  });

  test("that fails ends the container", async () => {
    const startupProbe = { exec: { command: ["false"] }, ...often };
    const name = await create({ startupProbe }, { restartPolicy: "Always" });
    await until(name, (one) => mainOf(one)?.restartCount === 1);
    await eventOf(served, name, ({ message }) => /failed startup probe, will be restarted$/.test(message));
    await served.requests.delete(name);
  });

  test("of a sidecar holds back what comes after it", async () => {
    const initContainers: readonly ContainerSpec[] = [
      {
        name: "side",
        image: "busybox",
        restartPolicy: "Always",
        ...shell("sleep 1000"),
        startupProbe: {
          exec: { command: ["sh", "-c", "[ -e up ]"] },
          ...patient,
          successThreshold: 1,
          failureThreshold: 100,
        },
      },
    ];
    const name = await create({}, { initContainers });
    await unhealthy(name, "^Startup probe failed: $");
    const waiting = { waiting: { reason: "PodInitializing" } };
    expect(mainOf(await served.requests.get(name))?.state).toEqual(waiting);
    await served.exec(name, ["touch", "up"], "side");
    await until(name, isReady);
    await served.requests.delete(name);
  });
});

describe("a probe over the network", () => {
  let http: Server;
  let port = 0;
  const asked: (string | undefined)[] = [];

  beforeAll(async () => {
    http = createServer(({ url, headers }, response) => {
      asked.push(`${url} ${headers["user-agent"]} ${headers["x-probe"]}`);
      if (url === "/moved") response.writeHead(302, { location: "/well" }).end();
      else if (url === "/away") response.writeHead(302, { location: "http://elsewhere.invalid/" }).end();
      else if (url === "/well") response.end("x".repeat(100_000));
      else if (url !== "/never") response.writeHead(url === "/sick" ? 503 : 404).end();
    }).listen(0, "127.0.0.1");
    await once(http, "listening");
    port = portOf(http);
  });

  afterAll(() => {
    http.closeAllConnections();
    http.close();
  });

  const probed = (path: string, how = often) =>
    create({
      readinessProbe: { httpGet: { port, path, httpHeaders: [{ name: "X-Probe", value: "1" }] }, ...how },
    });

  test.for(["/well", "/moved", "/away"])("by HTTP finds %s well", async (path) => {
    const name = await probed(path);
    await until(name, isReady);
    expect(asked).toContain(`${path} kube-probe/1.36 1`);
    await served.requests.delete(name);
  });

  test.for([
    ["/sick", often, "^Readiness probe failed: HTTP probe failed with statuscode: 503$"],
    [
      "/never",
      hasty,
      '/never": context deadline exceeded \\(Client.Timeout exceeded while awaiting headers\\)$',
    ],
  ] as const)("by HTTP finds %s not well", async ([path, how, message]) => {
    const name = await probed(path, how);
    await unhealthy(name, message);
    await served.requests.delete(name);
  });

  test("by HTTPS takes any certificate, and needs one", async () => {
    const { cert, key } = await createCertificates(["127.0.0.1", "localhost"]);
    const https = createTlsServer({ cert, key }, (_, response) => response.end()).listen(0, "127.0.0.1");
    onTestFinished(() => void https.close());
    await once(https, "listening");
    const get = (number: number) => ({ httpGet: { port: number, scheme: "HTTPS" }, ...often });
    const well = await create({ readinessProbe: get(portOf(https)) });
    await until(well, isReady);
    const plain = await create({ readinessProbe: get(port) });
    await unhealthy(plain, `^Readiness probe failed: Get "https://127.0.0.1:${port}/": `);
    for (const one of [well, plain]) await served.requests.delete(one);
  });

  test("finds the port by its name, and nobody at another one", async () => {
    const { port: free, release } = await takePort(port);
    onTestFinished(release);
    const ports = [
      { name: "web", containerPort: port },
      { name: "none", containerPort: free },
    ];
    const well = await create({ ports, readinessProbe: { tcpSocket: { port: "web" }, ...often } });
    await until(well, isReady);
    const refused = await create({ ports, readinessProbe: { tcpSocket: { port: "none" }, ...often } });
    await unhealthy(
      refused,
      `^Readiness probe failed: dial tcp 127.0.0.1:${free}: connect: connection refused$`,
    );
    const get = await create({ ports, readinessProbe: { httpGet: { port: "none", path: "/x" }, ...often } });
    await unhealthy(
      get,
      `: Get "http://127.0.0.1:${free}/x": dial tcp 127.0.0.1:${free}: connect: connection refused$`,
    );
    for (const one of [well, refused, get]) await served.requests.delete(one);
  });
});

function portOf(server: Pick<Server, "address">): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}
