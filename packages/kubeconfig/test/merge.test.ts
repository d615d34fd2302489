import { describe, expect, it } from "vitest";
import { mergeKubeconfigs, parseKubeconfig } from "../src/index.ts";

const first = parseKubeconfig(`
contexts: [{name: shared, context: {cluster: a}}]
clusters: [{name: a, cluster: {server: "https://first"}}]
`);
const second = parseKubeconfig(`
current-context: second
contexts: [{name: shared, context: {cluster: b, namespace: work}}, {name: second, context: {cluster: b}}]
clusters: [{name: b, cluster: {server: "https://second"}}]
users: [{name: me, user: {token: abc}}]
`);
const third = parseKubeconfig("current-context: third\nusers: [{name: me}]");

describe("merging kubeconfigs", () => {
  const merged = mergeKubeconfigs([first, second, third]);

  it("takes the first current context that is set", () => {
    expect(merged.currentContext).toBe("second");
  });

  it("takes an entry whole from the first file that has it", () => {
    expect(merged.contexts.get("shared")).toEqual({ cluster: "a" });
    expect(merged.users.get("me")?.token?.reveal()).toBe("abc");
  });

  it("has the entries of every file", () => {
    expect([...merged.contexts.keys()].sort()).toEqual(["second", "shared"]);
    expect([...merged.clusters.keys()].sort()).toEqual(["a", "b"]);
  });

  it("makes an empty kubeconfig of none", () => {
    expect(mergeKubeconfigs([])).toEqual({ contexts: new Map(), clusters: new Map(), users: new Map() });
  });
});
