import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { HttpAddress } from "../config/parts.ts";
import { ClusterflowError } from "../core/errors.ts";
import { judgeHealth } from "../pipeline/health.ts";
import type { Observed } from "../pipeline/observed.ts";
import { CONTENT_TYPE, exposition } from "./exposition.ts";
import { familiesOf } from "./families.ts";
import { LoopDelay } from "./loop-delay.ts";

export interface StatusServer extends AsyncDisposable {
  /** `http://host:port`; says which port was picked when 0 was asked for. */
  readonly url: string;
}

/** Nothing that is asked here is long; whoever is slow or idle gives its place to the next. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
} as const;
const MAX_CONNECTIONS = 64;
const MAX_REQUESTS_PER_CONNECTION = 1_000;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * `/healthz`, `/readyz` and `/metrics` of one consumer. It reads what was observed and steers nothing; a body is
 * never read. Rejects with `usage` when the address cannot be had.
 */
export async function openStatusServer(address: HttpAddress, observed: Observed): Promise<StatusServer> {
  const delay = new LoopDelay();
  const server = createServer({ ...LIMITS }, (request, response) => {
    send(request, response, isBare(request) ? answerTo(request, observed, delay) : BODY_REFUSED);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  try {
    await listen(server, address);
  } catch (error) {
    delay[Symbol.dispose]();
    throw error;
  }
  return {
    url: urlOf(address.host, server),
    [Symbol.asyncDispose]: async () => {
      delay[Symbol.dispose]();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function answerTo({ method, url = "" }: IncomingMessage, observed: Observed, delay: LoopDelay): Answer {
  const [path] = url.split("?", 1);
  const known = path === "/healthz" || path === "/readyz" || path === "/metrics";
  if (!known) return plain(404, "not found: /healthz, /readyz and /metrics are here\n");
  if (method !== "GET" && method !== "HEAD") return plain(405, "GET and HEAD only\n");
  if (path === "/metrics")
    return { status: 200, type: CONTENT_TYPE, body: exposition(familiesOf(observed, delay)) };
  const { notAlive, notReady } = judgeHealth(observed, delay.maxMs);
  return verdict(path === "/healthz" ? notAlive : notReady);
}

function verdict(why: string | null): Answer {
  const body = why === null ? { ok: true } : { ok: false, why };
  return { status: why === null ? 200 : 503, type: "application/json", body: `${JSON.stringify(body)}\n` };
}

function plain(status: number, body: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body };
}

const BODY_REFUSED = plain(400, "no body is taken here\n");

function isBare({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(status === 405 ? { allow: "GET, HEAD" } : {}),
    // what else such a client sends is not waited for
    ...(status === 400 ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function listen(server: Server, { host, port }: HttpAddress): Promise<void> {
  const listening = once(server, "listening");
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    throw new ClusterflowError(`--http ${shown(host)}:${port}: ${reasonOf(error)}`, {
      code: "usage",
      hint: "give another one, or let a free port be picked: clusterflow consume --http 0",
      cause: error,
    });
  }
  // an error of one connection, or of accepting one when files ran out, is no reason to stop consuming
  server.on("error", () => undefined);
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there already",
  EACCES: "this user may not listen there",
  EADDRNOTAVAIL: "this machine does not have that address",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name cannot be looked up at the moment",
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code: unknown = Reflect.get(error, "code");
  return (typeof code === "string" ? REASONS[code] : undefined) ?? error.message;
}

function urlOf(host: string, server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://${shown(host)}:${address.port}`;
}

/** An IPv6 address stands in brackets beside a port. */
function shown(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
