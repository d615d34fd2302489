import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../access.ts";
import { badRequest, Refusal, refusal, textRefusal } from "../status.ts";
import { readJson } from "./body.ts";
import { listPods } from "./list.ts";
import type { Pods } from "./pods.ts";
import { isOn, type Route, routeOf, targetOf } from "./routes.ts";
import type { Store } from "./store.ts";
import { watchPods } from "./watch.ts";

const version = { major: "1", minor: "36", gitVersion: "v1.36.0+podwire", platform: "devserver" };

/** Answers the plain requests, the upgrades excepted. */
export function createRestHandler(access: Access, store: Store, pods: Pods) {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    allowPage(access, request, response);
    const refused = access.check(request);
    if (refused) throw refused;
    if (request.method === "OPTIONS" && access.allowedOrigin(request) !== undefined) {
      response.writeHead(204).end();
      return;
    }
    const { pathname, searchParams: query } = targetOf(request);
    const route = routeOf(pathname);
    if (!route) throw notThere(pathname);
    await answerRoute(request, response, route, query);
  };

  const answerRoute = async (
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    query: URLSearchParams,
  ): Promise<void> => {
    const verb = `${request.method} ${route.kind}`;
    if (query.has("dryRun")) throw badRequest("dryRun is not supported by devserver");
    if (route.kind === "stream" && (request.method === "GET" || request.method === "POST")) {
      throw badRequest("Upgrade request required");
    }
    if (verb === "GET version") send(response, 200, version);
    else if (verb === "GET health") response.end("ok");
    else if (route.kind === "pods" && verb === "GET pods") {
      if (isOn(query, "watch")) watchPods(store, route.namespace, query, response);
      else send(response, 200, listPods(store, route.namespace, query));
    } else if (route.kind === "pods" && route.namespace !== undefined && verb === "POST pods") {
      send(response, 201, pods.create(route.namespace, await readJson(request)));
    } else if (route.kind === "pod" && verb === "GET pod") {
      send(response, 200, pods.read(route.namespace, route.name));
    } else if (route.kind === "pod" && verb === "DELETE pod") {
      send(response, 200, await pods.delete(route.namespace, route.name, query, await readJson(request)));
    } else {
      throw refusal(405, "MethodNotAllowed", `devserver does not support ${request.method} here`);
    }
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendRefusal(response, refusalOf(error));
    });
  };
}

/** An API server knows the resources that a group has, and nothing of other groups. */
function notThere(path: string): Refusal {
  if (!path.startsWith("/api/v1/")) return textRefusal(404, "404 page not found\n");
  return refusal(404, "NotFound", "the server could not find the requested resource", {});
}

/** Lets a page of an allowed origin read the answer. */
function allowPage(access: Access, request: IncomingMessage, response: ServerResponse): void {
  const origin = access.allowedOrigin(request);
  if (origin === undefined) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-allow-headers", "authorization, content-type");
  response.setHeader("access-control-allow-methods", "GET, POST, DELETE");
  response.setHeader("vary", "origin");
}

/** What went wrong as an answer; a mistake of devserver's own is a 500 that says so. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof URIError) return badRequest("the path is not percent-encoded UTF-8");
  const message = error instanceof Error ? error.message : String(error);
  return refusal(500, "InternalError", `Internal error occurred: ${message}`);
}

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function sendRefusal(response: ServerResponse, { code, body, contentType }: Refusal): void {
  response.writeHead(code, { "content-type": contentType }).end(body);
}
