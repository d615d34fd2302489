import { badRequest, notFound } from "../status.ts";
import type { Pod } from "./pod.ts";

/** The one node that there is. */
export const nodeName = "devserver";

/** Whether a Pod was given to a node that is not there: nobody runs it, and nobody tells of its end. */
export function isElsewhere({ spec }: Pod): boolean {
  return spec.nodeName !== undefined && spec.nodeName !== nodeName;
}

/** Throws the refusal, of what a node is asked for, of a Pod that has none or whose is not there. */
export function checkNode(pod: Pod): void {
  const { metadata, spec } = pod;
  if (spec.nodeName === undefined) throw badRequest(`pod ${metadata.name} does not have a host assigned`);
  // In the words of a real server, which looks for a node and says that it is a Pod.
  if (isElsewhere(pod)) throw notFound("pods", spec.nodeName);
}
