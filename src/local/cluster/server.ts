import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import https from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { administer, ADMIN_PREFIX } from "./simulation/admin.ts";
import type { Answer } from "./answer.ts";
import { authorize, denial } from "./access/authorize.ts";
import type { Fault, Faults } from "./simulation/faults.ts";
import { handle } from "./handle.ts";
import { send } from "./send.ts";
import { tooManyRequests, unavailable } from "./status.ts";
import type { Store } from "./store/store.ts";
import { targetOf, type Target } from "./access/target.ts";
import { authenticate, type Rights } from "./access/who.ts";

/** PEM texts. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
  /** Signs client certificates; null asks for none. */
  readonly clientCa: string | null;
}

/** All that a request may touch. */
export interface World {
  readonly store: Store;
  readonly faults: Faults;
  readonly rights: Rights;
}

export function createServer(world: World, tls: Tls | null): http.Server {
  const listener: RequestListener = (request, response) => {
    // one request that cannot be understood, or a client that leaves, is no reason to end the others
    respond(request, response, world).catch(() => response.destroy());
  };
  if (tls === null) return http.createServer(listener);
  const { cert, key, clientCa } = tls;
  const clients = clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false };
  return https.createServer({ cert, key, ...clients }, listener);
}

async function respond(request: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  const url = new URL(request.url ?? "/", "http://simulator");
  const path = url.pathname;
  if (path === ADMIN_PREFIX || path.startsWith(`${ADMIN_PREFIX}/`)) {
    return send(await administer(request, path, world), request, response, "whole");
  }
  const user = authenticate(request, world.rights);
  if (user.kind === "refused") return send(user.answer, request, response, "whole");
  const target = targetOf(path);
  const fault = world.faults.take(target.kind === "resource" ? target.resource : null);
  return respondWith({ request, url, target, user: user.value, fault }, response, world);
}

async function respondWith(asked: LetIn, response: ServerResponse, world: World): Promise<void> {
  const { request, fault } = asked;
  switch (fault?.fault) {
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "slow":
      await wait(fault.delayMs);
      return send(answerTo(asked, world), request, response, "whole");
    case "truncate":
      return send(answerTo(asked, world), request, response, "cut");
    case "403":
    case "410":
    case "429":
    case "503":
    case undefined:
      return send(failureOf(asked) ?? answerTo(asked, world), request, response, "whole");
  }
}

interface LetIn {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly target: Target;
  readonly user: string;
  readonly fault: Fault | null;
}

/** What a fault makes the server say in place of an answer. */
function failureOf({ fault, user, target }: LetIn): Answer | null {
  switch (fault?.fault) {
    case "429":
      return tooManyRequests(fault.retryAfterSeconds);
    case "503":
      return unavailable(fault.retryAfterSeconds);
    case "403":
      return denial(user, target);
    case "410":
    case "reset":
    case "slow":
    case "truncate":
    case undefined:
      return null;
  }
}

function answerTo({ request, url, target, user, fault }: LetIn, { store, rights }: World): Answer {
  const refusal = authorize(user, target, rights);
  if (refusal !== null) return refusal;
  const { method = "GET", headers } = request;
  const asked = { method, target, query: url.searchParams, accept: headers.accept, host: headers.host ?? "" };
  return handle({ ...asked, isForgetful: fault?.fault === "410" }, store);
}
