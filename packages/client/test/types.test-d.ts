import { describe, expectTypeOf, test } from "vitest";
import {
  Api,
  type AttachApi,
  type Client,
  ConfigMap,
  type Exit,
  Pod,
  type StreamSession,
  type SubresourceNotAvailable,
} from "../src/index.ts";

declare const client: Client;
const pods = new Api(Pod, { client });
const configMaps = new Api(ConfigMap, { client });

describe("the types", () => {
  test("know which resources have attach and exec", () => {
    expectTypeOf(pods).toEqualTypeOf<Api<Pod>>();
    expectTypeOf(pods.attach).toEqualTypeOf<AttachApi>();
    expectTypeOf(configMaps.attach).toEqualTypeOf<SubresourceNotAvailable>();
    expectTypeOf(configMaps.exec).toEqualTypeOf<SubresourceNotAvailable>();
    // @ts-expect-error a ConfigMap cannot be attached to
    configMaps.attach.stream;
  });

  test("give attach no run, and both the same session", () => {
    expectTypeOf(pods.attach).not.toHaveProperty("run");
    expectTypeOf(pods.attach.stream).returns.resolves.toEqualTypeOf<StreamSession>();
    expectTypeOf(pods.exec.stream).returns.resolves.toEqualTypeOf<StreamSession>();
  });

  test("say that a stored object has a name", () => {
    expectTypeOf(pods.get)
      .returns.resolves.toHaveProperty("metadata")
      .toHaveProperty("name")
      .toEqualTypeOf<string>();
  });

  test("refuse a command that is one string, and an object of another kind", () => {
    // @ts-expect-error a command is an argv
    void pods.exec.run("p", { command: "ls -l" });
    // @ts-expect-error exec needs a command
    void pods.exec.stream("p", {});
    // @ts-expect-error a Pod has containers
    void pods.create({ metadata: { generateName: "x-" }, spec: { replicas: 1 } });
    // @ts-expect-error kind is the descriptor's
    void pods.create({ kind: 3, spec: { containers: [] } });
  });

  test("tell the ways of ending apart", () => {
    expectTypeOf<Extract<Exit, { kind: "exited" }>["code"]>().toEqualTypeOf<number>();
    expectTypeOf<Extract<Exit, { kind: "connectionLost" }>["error"]["code"]>().toBeString();
    expectTypeOf<Exit>().not.toHaveProperty("code");
  });
});
