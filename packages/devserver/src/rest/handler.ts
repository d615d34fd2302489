import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../access.ts";
import { messageOf } from "../errors.ts";
import type { Gate } from "../faults/gate.ts";
import type { Quota } from "../limits.ts";
import { answerLog } from "../logs/pod-log.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import { badRequest, methodNotAllowed, Refusal, refusal, textRefusal, tooManyRequests } from "../status.ts";
import { objectOf, readBody } from "./body.ts";
import { apiGroup, apiGroupList, apiResourceList, apiVersions, groupDiscoveryList } from "./discovery.ts";
import { discoveryVersionOf } from "./negotiation.ts";
import { openApiDocument, openApiIndex } from "./openapi.ts";
import { openApiV2 } from "./openapi-v2.ts";
import { type Answer, answerResource } from "./resource-handler.ts";
import type { Resources } from "./resources.ts";
import { reviews } from "./reviews.ts";
import { isInGroup, isOn, type Route, routeOf, targetOf } from "./routes.ts";
import { versionOf } from "./version.ts";

/** Answers the plain requests, the upgrades excepted. */
export function createRestHandler(
  access: Access,
  resources: Resources,
  kubelet: Kubelet,
  gate: Gate,
  minor: number,
  watches: Quota,
) {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    allowPage(access, request, response);
    const refused = access.check(request);
    if (refused) throw refused;
    if (request.method === "OPTIONS" && access.allowedOrigin(request) !== undefined) {
      response.writeHead(204).end();
      return;
    }
    await gate.pass(request, response);
    const { pathname, searchParams: query } = targetOf(request);
    const route = routeOf(pathname);
    if (!route) throw notThere(pathname);
    if (lasts(route, request, query) && !watches.enter(response)) throw tooManyRequests();
    const answered = await answerRoute(request, response, route, query);
    if (answered) send(response, answered.code, answered.body, answered.contentType);
  };

  const answerRoute = async (
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    query: URLSearchParams,
  ): Promise<(Answer & { readonly contentType?: string }) | undefined> => {
    if (route.kind === "resource") {
      const resource = resources.find(route.resource);
      if (resource) return answerResource(resource, route, query, request, response);
      const review = reviews[route.resource.name];
      if (!review || request.method !== "POST" || route.name !== undefined) throw methodNotAllowed();
      return { code: 201, body: review(route.resource, objectOf(await readBody(request))) };
    }
    if (route.kind === "log") {
      if (request.method !== "GET") throw methodNotAllowed();
      await answerLog(resources.pods.read, kubelet, route, query, response);
      return undefined;
    }
    if (route.kind === "stream") {
      if (request.method !== "GET" && request.method !== "POST") throw methodNotAllowed();
      resources.pods.read(route.namespace, route.name);
      throw badRequest("Upgrade request required");
    }
    if (request.method !== "GET") throw methodNotAllowed();
    if (route.kind === "version") return { code: 200, body: versionOf(minor) };
    if (route.kind === "openapi" && route.path === "/openapi/v2")
      return { code: 200, ...openApiV2(request, minor) };
    if (route.kind === "openapi") return { code: 200, body: openApiOf(route.path, minor) };
    if (route.kind === "discovery") return discoveryOf(route.path, request);
    response.end("ok");
    return undefined;
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendRefusal(response, refusalOf(error));
    });
  };
}

/** Whether the answer goes on as long as the client wants. */
function lasts(route: Route, { method }: IncomingMessage, query: URLSearchParams): boolean {
  if (method !== "GET") return false;
  if (route.kind === "log") return isOn(query, "follow");
  return route.kind === "resource" && route.name === undefined && isOn(query, "watch");
}

function openApiOf(path: string, minor: number): object {
  const found =
    path === "/openapi/v3"
      ? openApiIndex()
      : openApiDocument(path.replace(/^\/openapi\/v3(?=\/)/, ""), minor);
  if (!found) throw notThere(path);
  return found;
}

function discoveryOf(path: string, request: IncomingMessage): Answer & { readonly contentType?: string } {
  const aggregated = discoveryVersionOf(request);
  if (aggregated !== undefined && (path === "/api" || path === "/apis")) {
    const contentType = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`;
    return { code: 200, body: groupDiscoveryList(path, aggregated), contentType };
  }
  const [, group = ""] = /^\/(?:api|apis)\/(.+)$/.exec(path) ?? [];
  const found =
    path === "/api"
      ? apiVersions(request.headers.host ?? "")
      : path === "/apis"
        ? apiGroupList()
        : (apiResourceList(group) ?? apiGroup(group));
  if (!found) throw notThere(path);
  return { code: 200, body: found };
}

/** An API server knows the resources that a group has, and nothing of other groups. */
function notThere(path: string): Refusal {
  if (!isInGroup(path)) return textRefusal(404, "404 page not found\n");
  return refusal(404, "NotFound", "the server could not find the requested resource", {});
}

/** Lets a page of an allowed origin read the answer. */
function allowPage(access: Access, request: IncomingMessage, response: ServerResponse): void {
  const origin = access.allowedOrigin(request);
  if (origin === undefined) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-allow-headers", "authorization, content-type");
  response.setHeader("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE");
  response.setHeader("vary", "origin");
}

/** What went wrong as an answer; a mistake of devserver's own is a 500 that says so. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof URIError) return badRequest("the path is not percent-encoded UTF-8");
  const message = messageOf(error);
  return refusal(500, "InternalError", `Internal error occurred: ${message}`);
}

function send(response: ServerResponse, code: number, body: object, contentType = "application/json"): void {
  response.writeHead(code, { "content-type": contentType });
  response.end(body instanceof Uint8Array ? body : JSON.stringify(body));
}

function sendRefusal(response: ServerResponse, refused: Refusal): void {
  const { code, body, contentType, retryAfterSeconds } = refused;
  if (retryAfterSeconds !== undefined) response.setHeader("retry-after", retryAfterSeconds);
  response.writeHead(code, { "content-type": contentType }).end(body);
}
