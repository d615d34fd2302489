import { Api, createClient, Pod } from "@podwire/client";
import { createDevServer } from "@podwire/devserver";
import { expect, onTestFinished, test } from "vitest";

test("asks the shell for its version", async () => {
  const server = await createDevServer({
    images: {
      app: async ({ exec, stdout, signal }) => {
        if (exec) await stdout.write("v1.2.3\n");
        else await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return 0;
      },
    },
  });
  onTestFinished(() => server.close());
  await server.pods.run({ name: "app", image: "app" });

  const pods = new Api(Pod, { client: createClient(server.config) });
  const { stdout } = await pods.exec.run("app", { command: ["app", "--version"] });
  expect(stdout.text()).toBe("v1.2.3\n");

  const session = await server.sessions.next({ subresource: "exec", pod: "app" });
  expect(session.command).toEqual(["app", "--version"]);
  expect(await session.ended).toEqual({ kind: "exited", code: 0 });
});
