import type { IncomingMessage } from "node:http";
import { refusal } from "../status.ts";

/** In which form a client wants objects. */
export interface Format {
  readonly as: "Object" | "Table" | "PartialObjectMetadata";
  /** The version that a Table says to be of. */
  readonly apiVersion: string;
}

const plain: Format = { as: "Object", apiVersion: "" };

/** The first form in the Accept header that can be given; throws the 406 when there is none. */
export function formatOf({ headers: { accept = "*/*" } }: IncomingMessage): Format {
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    if (!["application/json", "application/*", "*/*", ""].includes(type)) continue;
    const options = new Map(parameters.map((one) => [one.split("=")[0] ?? "", one.split("=")[1] ?? ""]));
    const as = options.get("as");
    const version = options.get("v") ?? "";
    if (as === undefined) return plain;
    if (options.get("g") !== "meta.k8s.io") continue;
    const apiVersion = `meta.k8s.io/${version}`;
    if (as === "table" && (version === "v1" || version === "v1beta1")) return { as: "Table", apiVersion };
    if (as.startsWith("partialobjectmetadata") && version === "v1") {
      return { as: "PartialObjectMetadata", apiVersion };
    }
  }
  throw refusal(406, "NotAcceptable", "devserver answers in application/json, plain or as a Table", {});
}

/** Whether, and in which version, a client wants discovery as one document. */
export function discoveryVersionOf({ headers: { accept = "" } }: IncomingMessage): string | undefined {
  for (const range of accept.split(",")) {
    if (!range.includes("as=APIGroupDiscoveryList")) {
      if (range.trim() === "application/json") return undefined;
      continue;
    }
    const [, version] = /;\s*v=(v2|v2beta1)\b/.exec(range) ?? [];
    if (version !== undefined) return version;
  }
  return undefined;
}
