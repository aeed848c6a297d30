import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ClusterflowError, toClusterflowError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import type { Tell } from "../../core/report.ts";
import type { Admission } from "./admission.ts";
import { errorAnswer, forbidden, notLoggedIn, tooMany, unavailable, type Answer } from "./answer.ts";
import { Buckets } from "./buckets.ts";
import type { GatewayObserved } from "./gateway-observed.ts";
import { PROBE_HEADER } from "../../pipeline/probe.ts";
import type { Asked, Operation } from "./operation.ts";
import type { Scope, User } from "./ports.ts";
import type { Limits } from "./settings.ts";
import type { Tokens } from "./tokens.ts";

export interface ServeParts {
  readonly operations: readonly Operation[];
  readonly tokens: Tokens;
  readonly limits: Limits;
  readonly admission: Admission;
  readonly observed: GatewayObserved;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

const JSON_TYPE = "application/json";
const LINES_TYPE = "application/x-ndjson";

/**
 * Gives each operation its path. A request is checked from the cheap to the dear: path, place, type, token, rate; its
 * body is read only after all of them. A body that nobody wants is let run out by Node, for as long as a request
 * may take: hanging up on a client that still sends would cost it the answer.
 */
export function serve(app: FastifyInstance, parts: ServeParts): void {
  const { operations, observed, limits, tell } = parts;
  const buckets = new Buckets(limits.userRate);
  app.addHook("onRequest", (request, reply, done) => {
    const begun = performance.now();
    reply.raw.once("close", () => {
      const status = reply.raw.writableFinished ? reply.raw.statusCode : 499;
      observed.sawRequest(routeOf(request), status, (performance.now() - begun) / 1000);
    });
    done();
  });
  app.addContentTypeParser(JSON_TYPE, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  for (const operation of operations) route(app, operation, parts, buckets);
  app.setNotFoundHandler((request, reply) => send(reply, notHere(request, operations)));
  app.setErrorHandler((error, request, reply) => send(reply, answerToError(error, request, limits, tell)));
}

function route(app: FastifyInstance, operation: Operation, parts: ServeParts, buckets: Buckets): void {
  // an encapsulated parser: lines are a stream here and nowhere else
  void app.register((room, _options, done) => {
    if (operation.takes?.isStreamable === true)
      room.addContentTypeParser(LINES_TYPE, (_request, _payload, parsed) => parsed(null));
    const guests = new WeakMap<FastifyRequest, Guest>();
    room.route({
      method: operation.method,
      url: operation.path,
      onRequest: async (request, reply) => {
        const guest = await guestOf(request, operation, parts, buckets);
        if ("status" in guest) return send(reply, guest);
        guests.set(request, guest);
        reply.raw.once("close", () => guest.left());
      },
      handler: async (request, reply) => {
        const guest = guests.get(request);
        if (guest === undefined) throw new Error("a request came past the door");
        const answer = await guest.work(() => operation.run(askedOf(request, guest.user, parts)));
        // what was left unread of a stream would keep the connection from being used again, or closed
        request.raw.resume();
        return send(reply, answer);
      },
    });
    done();
  });
}

/** A request that was let in. Its place is free again when its work is done, also where the client left before. */
class Guest {
  readonly user: User;
  readonly #place: Disposable;
  #isWorking = false;

  constructor(user: User, place: Disposable) {
    this.user = user;
    this.#place = place;
  }

  async work(run: () => Promise<Answer>): Promise<Answer> {
    this.#isWorking = true;
    try {
      return await run();
    } finally {
      this.#place[Symbol.dispose]();
    }
  }

  left(): void {
    if (!this.#isWorking) this.#place[Symbol.dispose]();
  }
}

const STRANGER: User = { id: "", name: null, email: null, scopes: [] };

async function guestOf(
  request: FastifyRequest,
  operation: Operation,
  parts: ServeParts,
  buckets: Buckets,
): Promise<Guest | Answer> {
  const { takes, scope } = operation;
  if (takes === undefined && scope === null) return new Guest(STRANGER, NO_PLACE);
  const place = parts.admission.enter(takes === undefined ? 0 : bytesOf(request, parts.limits));
  if (place === null) return unavailable("too much to do at the moment", 1);
  const user = await welcomeUser(request, scope, parts.tokens, buckets);
  if (!("status" in user)) return new Guest(user, place);
  place[Symbol.dispose]();
  return user;
}

const NO_PLACE: Disposable = { [Symbol.dispose]: () => undefined };

async function welcomeUser(
  request: FastifyRequest,
  scope: Scope | null,
  tokens: Tokens,
  buckets: Buckets,
): Promise<User | Answer> {
  const fault = encodingFault(request);
  if (fault !== null) return fault;
  if (scope === null) return STRANGER;
  const user = await userOf(request, scope, tokens);
  if ("status" in user) return user;
  const waitS = buckets.take(user.id);
  return waitS === 0 ? user : tooMany("requests", waitS);
}

/** What a body may come to take; one that says nothing of its length may be as long as any. */
function bytesOf({ headers }: FastifyRequest, { bodyBytes }: Limits): number {
  const length = Number(headers["content-length"] ?? bodyBytes);
  return Math.min(length, bodyBytes);
}

function encodingFault({ headers }: FastifyRequest): Answer | null {
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") return unsupported("bodies are taken without a content-encoding");
  const charset = /charset\s*=\s*"?([^";\s]*)/i.exec(headers["content-type"] ?? "")?.[1] ?? "utf-8";
  return charset.toLowerCase() === "utf-8" ? null : unsupported("bodies are taken in UTF-8");
}

function unsupported(message: string): Answer {
  return errorAnswer(415, { code: "unsupported", message });
}

const BEARER = /^bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

async function userOf({ headers }: FastifyRequest, scope: Scope, tokens: Tokens): Promise<User | Answer> {
  const { authorization } = headers;
  if (authorization === undefined)
    return notLoggedIn("a token is wanted: send Authorization: Bearer and what POST /api/auth/login gave");
  const token = BEARER.exec(authorization)?.[1];
  const user = token === undefined ? null : await tokens.verify(token);
  if (user === null) {
    const headers = { "www-authenticate": 'Bearer error="invalid_token"' };
    return { ...notLoggedIn("the token is not valid, or not any more: log in again"), headers };
  }
  if (user.scopes.includes(scope)) return user;
  return {
    ...forbidden(`the scope ${scope} is wanted`),
    headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
  };
}

function askedOf(request: FastifyRequest, user: User, { signal }: ServeParts): Asked {
  const { body, query, raw, ip } = request;
  const isStream = mediaTypeOf(request) === LINES_TYPE;
  return {
    user,
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    // the default would hang up on a client that is told before its end that it sent too much
    stream: isStream ? raw.iterator({ destroyOnReturn: false }) : null,
    query: query as Asked["query"],
    address: ip,
    probe: probeIn(request),
    signal,
  };
}

function probeIn({ headers }: FastifyRequest): string | null {
  const mark = headers[PROBE_HEADER];
  return mark === undefined ? null : String(mark);
}

function mediaTypeOf({ headers }: FastifyRequest): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function send(reply: FastifyReply, { status, body, headers = {} }: Answer): FastifyReply {
  // fastify hangs up where it did not read a body; see `serve`
  reply.removeHeader("connection");
  const type = body === undefined ? {} : { "content-type": "application/json; charset=utf-8" };
  return reply
    .code(status)
    .headers({ "cache-control": "no-store", "x-content-type-options": "nosniff", ...type, ...headers })
    .send(textOf(body));
}

function textOf(body: Answer["body"]): string | undefined {
  return body === undefined || typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? "none";
}

function notHere({ url, method }: FastifyRequest, operations: readonly Operation[]): Answer {
  const [path] = url.split("?", 1);
  const methods = operations
    .filter((operation) => operation.path === path)
    .map((operation) => operation.method);
  if (methods.length === 0)
    return errorAnswer(404, {
      code: "not_found",
      message: "not found: GET /openapi.json tells what is here",
    });
  const allow = methods.flatMap((known) => (known === "GET" ? ["GET", "HEAD"] : [known])).join(", ");
  return errorAnswer(
    405,
    { code: "not_allowed", message: `${method} is not taken here: ${allow}` },
    { allow },
  );
}

const OUTAGE_RETRY_S = 5;

function answerToError(error: unknown, request: FastifyRequest, { bodyBytes }: Limits, tell: Tell): Answer {
  const status = statusOf(error);
  if (status === 413)
    return errorAnswer(413, { code: "too_large", message: `a body has at most ${bodyBytes} bytes` });
  if (status === 415) return unsupported(`the type of the body is none that is taken here: ${JSON_TYPE}`);
  if (status < 500) return errorAnswer(status, { code: "invalid", message: "the request cannot be read" });
  if (error instanceof ClusterflowError && error.retryable)
    return unavailable("what is needed for this does not answer at the moment", OUTAGE_RETRY_S);
  // only our own sentences are known to hold nobody's secrets
  const { message, cause } = toClusterflowError(error);
  const text = cause === error ? nameOf(error) : printable(message, 200);
  tell({ kind: "warning", text: `${request.method} ${routeOf(request)} could not be answered: ${text}` });
  return errorAnswer(500, {
    code: "unexpected",
    message: "something went wrong here: see the gateway's log",
  });
}

function statusOf(error: unknown): number {
  const status: unknown = error instanceof Error ? Reflect.get(error, "statusCode") : null;
  return typeof status === "number" && status >= 400 ? status : 500;
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "an unknown error";
  const place = error.stack?.split("\n", 2)[1]?.trim() ?? "";
  return printable(`${error.name} ${place}`, 200);
}
