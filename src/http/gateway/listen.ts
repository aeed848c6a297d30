import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import type { Limits } from "./settings.ts";

/** Characters of a header block; a token of RS256 has under a thousand. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_REQUESTS_PER_CONNECTION = 10_000;

/**
 * A server without anything of fastify's own that says or believes more than it has to: no logger, no parser of bodies,
 * no proxy headers. Two of its defaults would let a slow client stay: requestTimeout 0 and keepAliveTimeout 72 s.
 */
export function newServer(limits: Limits): FastifyInstance {
  const app = fastify({
    logger: false,
    trustProxy: false,
    bodyLimit: limits.bodyBytes,
    connectionTimeout: limits.silenceMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxRequestsPerSocket: MAX_REQUESTS_PER_CONNECTION,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 100, caseSensitive: true, ignoreTrailingSlash: false },
    http: {
      headersTimeout: limits.headersMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    },
    clientErrorHandler: answerToNonsense,
    frameworkErrors: (_error, _request, { raw }) => {
      raw.writeHead(400, { "content-type": "application/json; charset=utf-8" });
      raw.end(errorText("invalid", "the request's path cannot be read"));
    },
  });
  app.removeAllContentTypeParsers();
  app.server.maxConnections = limits.connections;
  return app;
}

/** What is no HTTP, or comes too slowly: fastify never sees it. */
function answerToNonsense(error: Error, socket: Socket): void {
  const code: unknown = Reflect.get(error, "code");
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = NONSENSE[String(code)] ?? [400, "this is no HTTP request"];
  const body = errorText("invalid", message);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "connection: close",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

const NONSENSE: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `headers have at most ${MAX_HEADER_BYTES} bytes`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request came too slowly"],
};

function errorText(code: string, message: string): string {
  return `${JSON.stringify({ error: { code, message } })}\n`;
}
