import type { IncomingMessage, ServerResponse } from "node:http";
import { type JsonObject, objectAt, textAt } from "../schema/json.ts";
import { apiVersionOf, schemaOf } from "../schema/schema.ts";
import { badRequest, invalid, methodNotAllowed } from "../status.ts";
import { objectOf, readBody, yamlOf } from "./body.ts";
import { type DeleteOptions, deleteOptionsOf, isDryRun } from "./delete-options.ts";
import { isHeld } from "./finalizers.ts";
import { listObjects } from "./list.ts";
import { formatOf } from "./negotiation.ts";
import type { KubernetesObject } from "./object.ts";
import { conformToKind, fieldValidationOf } from "./object-body.ts";
import { apply, applyOptionsOf } from "./patch/apply.ts";
import { withEntries } from "./patch/managed-fields.ts";
import { managerNameOf } from "./patch/manager-name.ts";
import { patchOf } from "./patch/patch.ts";
import type { Resource, WriteOptions } from "./resource.ts";
import { isOn, type ResourceRoute } from "./routes.ts";
import { createView, type View } from "./view.ts";
import { watchObjects } from "./watch.ts";

/** One request to a resource, ready to be answered. */
interface ResourceRequest {
  readonly resource: Resource;
  readonly route: ResourceRoute;
  readonly query: URLSearchParams;
  readonly view: View;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a request is answered with; undefined when the answer streams. */
export interface Answer {
  readonly code: number;
  readonly body: object;
}

export async function answerResource(
  resource: Resource,
  route: ResourceRoute,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const view = createView(resource.kind, formatOf(request), query);
  const one = { resource, route, query, view, request, response };
  const { verbs } =
    route.resource.subresources.find(({ name }) => name === route.subresource) ?? resource.kind;
  const verb = verbOf(one);
  if (verb === undefined || !verbs.includes(verb)) throw methodNotAllowed();
  return handlers[verb](one);
}

type Verb = keyof typeof handlers;

const itemVerbs: Readonly<Record<string, Verb>> = {
  GET: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};
const collectionVerbs: Readonly<Record<string, Verb>> = {
  GET: "list",
  POST: "create",
  DELETE: "deletecollection",
};

function verbOf({ route, query, request: { method = "" } }: ResourceRequest): Verb | undefined {
  if (route.name !== undefined) return itemVerbs[method];
  // Objects are created in a namespace, where they have one.
  if (method === "POST" && route.resource.namespaced && route.namespace === undefined) return undefined;
  const verb = collectionVerbs[method];
  return verb === "list" && isOn(query, "watch") ? "watch" : verb;
}

const handlers = {
  async get({ resource, route, view }: ResourceRequest) {
    return { code: 200, body: view.object(resource.read(...keyOfRoute(route))) };
  },
  async list({ resource, route, query, view }: ResourceRequest) {
    return {
      code: 200,
      body: view.list(listObjects(resource.kind, resource.objects, route.namespace, query)),
    };
  },
  async watch({ resource, route, query, view, response }: ResourceRequest) {
    watchObjects(resource.kind, resource.objects, route.namespace, query, response, view.event);
    return undefined;
  },
  async create(one: ResourceRequest) {
    const body = await sentObject(one);
    const unmanaged = { ...body, metadata: withEntries(objectAt(body, "metadata")) };
    const object = one.resource.create(one.route.namespace, unmanaged, writeOptionsOf(one));
    return { code: 201, body: one.view.object(object) };
  },
  async update(one: ResourceRequest) {
    const body = await sentObject(one);
    const key = keyOfRoute(one.route);
    return {
      code: 200,
      body: one.view.object(one.resource.replace(...key, () => body, writeOptionsOf(one))),
    };
  },
  async patch(one: ResourceRequest) {
    const body = await readBody(one.request);
    if (!body) throw badRequest("error decoding patch: unexpected end of JSON input");
    if (body.mediaType === "application/apply-patch+yaml") return applied(one, yamlOf(body));
    one.resource.read(...keyOfRoute(one.route));
    const patch = patchOf(body, one.resource.kind);
    const change = (before: KubernetesObject): JsonObject =>
      conformed(one, patch({ ...before }), refusedPatch);
    const object = one.resource.replace(...keyOfRoute(one.route), change, writeOptionsOf(one));
    return { code: 200, body: one.view.object(object) };
  },
  async delete({ resource, route, query, view, request }: ResourceRequest) {
    const options = deleteOptionsOf(query, objectOf(await readBody(request)));
    const object = await resource.delete(...keyOfRoute(route), options);
    return { code: 200, body: deletedOf(resource, object, view) };
  },
  async deletecollection({ resource, route, query, view, request }: ResourceRequest) {
    const options: DeleteOptions = deleteOptionsOf(query, objectOf(await readBody(request)));
    const list = listObjects(resource.kind, resource.objects, route.namespace, query);
    const deleted = list.items.map(({ metadata }) =>
      resource.delete(metadata.namespace ?? "", metadata.name, options),
    );
    return { code: 200, body: view.list({ ...list, items: await Promise.all(deleted) }) };
  },
} satisfies Record<string, (one: ResourceRequest) => Promise<Answer | undefined>>;

/** An apply makes the object when there is none. */
function applied(one: ResourceRequest, sent: unknown): Answer {
  const { resource, route, query, view } = one;
  const { kind, objects } = resource;
  const schema = schemaOf(apiVersionOf(kind), kind.kind) ?? {};
  const options = applyOptionsOf(query);
  const [namespace, name] = keyOfRoute(route);
  const object = conformed(one, sent);
  checkApplied(sent, object, name);
  if (objects.read(namespace, name)) {
    const replaced = resource.replace(
      namespace,
      name,
      (before) => apply({ ...before }, object, schema, options),
      writeOptionsOf(one),
    );
    return { code: 200, body: view.object(replaced) };
  }
  const made = apply(undefined, object, schema, options);
  return { code: 201, body: view.object(resource.create(route.namespace, made, writeOptionsOf(one))) };
}

/** An apply says itself what it is and whom it means. */
function checkApplied(sent: unknown, object: JsonObject, name: string): void {
  if (textAt(sent, "apiVersion") === "" || textAt(sent, "kind") === "") {
    throw badRequest(
      `invalid object type: ${textAt(sent, "apiVersion") || "/"}, Kind=${textAt(sent, "kind")}`,
    );
  }
  if (objectAt(object, "metadata")["managedFields"] !== undefined) {
    throw badRequest("metadata.managedFields must be nil");
  }
  const own = textAt(object, "metadata", "name");
  if (own === "") {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (own !== name) {
    throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
  }
}

const optionsOf: Readonly<Record<string, string>> = {
  POST: "CreateOptions",
  PUT: "UpdateOptions",
  PATCH: "PatchOptions",
};

function writeOptionsOf({ query, route: { subresource }, request }: ResourceRequest): WriteOptions {
  const options = optionsOf[request.method ?? ""] ?? "";
  const isApply = (request.headers["content-type"] ?? "").startsWith("application/apply-patch+yaml");
  return {
    dryRun: isDryRun(options, query.getAll("dryRun")),
    subresource,
    // An apply has managers of its own.
    ...(!isApply && { manager: managerNameOf(options, query, request.headers["user-agent"]) }),
  };
}

async function sentObject(one: ResourceRequest): Promise<JsonObject> {
  const body = await readBody(one.request);
  if (!body) {
    const { kind } = one.resource.kind;
    const why = "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)";
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`);
  }
  return conformed(one, objectOf(body));
}

/** What was sent, or became of it, as an object of the kind; of fields that it does not have the client is warned. */
function conformed(
  { resource, query, response }: ResourceRequest,
  value: unknown,
  refuse?: (message: string) => Error,
): JsonObject {
  const warnings: string[] = [];
  const object = conformToKind(value, resource.kind, {
    validation: fieldValidationOf(query),
    warn: (text) => warnings.push(text),
    ...(refuse && { refuse }),
  });
  if (warnings.length > 0) response.setHeader("warning", warningsOf(warnings));
  return object;
}

/** As much as a header should hold, and of what it can hold. */
function warningsOf(texts: readonly string[]): string[] {
  let left = 4_096;
  return texts
    .map((text) => `299 - ${JSON.stringify(text.replaceAll(/[^\x20-\x7e]/g, "?"))}`)
    .filter(({ length }) => {
      left -= length;
      return left >= 0;
    });
}

/** A patch that makes something else of an object is as wrong as one that cannot be done. */
function refusedPatch(message: string): Error {
  const cause = { reason: "FieldValueInvalid", message: `Invalid value: ${message}`, field: "patch" };
  return invalid("", "", [cause]);
}

function keyOfRoute({ namespace = "", name = "" }: ResourceRoute): [string, string] {
  return [namespace, name];
}

/** Kinds whose deletion is answered with the object; that of others is with a Status, unless they stay for now. */
const answeredWithObject: readonly string[] = ["namespaces", "pods", "serviceaccounts", "services"];

function deletedOf({ kind }: Resource, object: KubernetesObject, view: View): object {
  if (answeredWithObject.includes(kind.name) || isHeld(object)) return view.object(object);
  const { name, uid } = object.metadata;
  const details = { name, ...(kind.group !== "" && { group: kind.group }), kind: kind.name, uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}
