import type { Api, Pod, Stored } from "@podwire/client";

/** The container's own switches. */
export interface TestContainer {
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
}

/** Pods made for a test, deleted together. */
export interface TestPods {
  /** Creates a Pod whose one container, `main`, runs a line of shell, and does not wait. */
  create(script: string, container?: TestContainer): Promise<Stored<Pod>>;
  /** Creates one and waits until it runs; answers with its name. */
  run(script: string, container?: TestContainer): Promise<string>;
  /** Creates one that stays Pending. */
  createUnready(): Promise<Stored<Pod>>;
  deleteAll(): Promise<void>;
}

export function createPods(api: Api<Pod>, image: string): TestPods {
  const names: string[] = [];
  const create = async (
    script: string,
    container: TestContainer = {},
    containerImage = image,
  ): Promise<Stored<Pod>> => {
    const pod = await api.create({
      metadata: { generateName: "podwire-test-" },
      spec: {
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 1,
        containers: [
          // Kubernetes turns $$ in a command into $.
          {
            name: "main",
            image: containerImage,
            command: ["sh", "-c", script.replaceAll("$$", () => "$$$$")],
            ...container,
          },
        ],
      },
    });
    names.push(pod.metadata.name);
    return pod;
  };
  return {
    create: (script, container) => create(script, container),
    async run(script, container) {
      const { metadata } = await create(script, container);
      await api.waitFor(metadata.name, ({ status }) => status?.phase === "Running");
      return metadata.name;
    },
    // The .invalid domain never resolves (RFC 2606), so the image is never there.
    createUnready: () => create("true", {}, "registry.invalid/missing:1"),
    async deleteAll() {
      await Promise.all(names.map((name) => api.delete(name, { gracePeriodSeconds: 0 })));
    },
  };
}
