import { timestamp } from "../pods/pod.ts";
import { isObject } from "../schema/json.ts";
import { apiVersionOf } from "../schema/schema.ts";
import type { ResourceKind } from "./kinds.ts";

/** Answers to questions about oneself, which are asked by creating what is not stored: there is one user, who may all. */
export const reviews: Readonly<Record<string, (kind: ResourceKind, body: unknown) => object>> = {
  selfsubjectreviews: (kind) => ({
    kind: kind.kind,
    apiVersion: apiVersionOf(kind),
    metadata: { creationTimestamp: timestamp() },
    status: { userInfo: { username: "devserver", groups: ["system:masters", "system:authenticated"] } },
  }),
  selfsubjectaccessreviews: (kind, body) => ({
    kind: kind.kind,
    apiVersion: apiVersionOf(kind),
    metadata: {},
    spec: isObject(body) ? (body["spec"] ?? {}) : {},
    status: { allowed: true },
  }),
};
