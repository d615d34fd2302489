import { managerActions } from "./manager-actions.ts";
import { kept, objectActions } from "./object-actions.ts";
import { patchActions } from "./patch-actions.ts";
import { podActions } from "./pod-actions.ts";
import { protocolActions } from "./protocol-actions.ts";
import { inDefault, remove } from "./rest-requests.ts";
import type { Action } from "./rest-transcript.ts";

/** What is asked of a devserver and of a real cluster, in this order; `NAME` is a name of the run. */
export const restActions: readonly Action[] = [
  ...objectActions,
  ...patchActions,
  ...managerActions,
  ...podActions,
  ...protocolActions,
  // Nothing stays behind.
  ...Object.keys(kept).map((resource) => remove(`${resource}: deleted`, inDefault(resource, "NAME"))),
];
