import {
  Agent as HttpAgent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Connection } from "./connection.ts";
import type { Presented } from "./login/credentials.ts";

/** Bounds of one request. */
export interface RequestLimits {
  /** Milliseconds until a new connection must stand, TLS included. */
  readonly connectMs: number;
  /** Milliseconds from the first byte asked to the last byte read. */
  readonly totalMs: number;
  /** Bytes of the body after unpacking. */
  readonly bodyBytes: number;
}

export interface Reply {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

/** Whole body did not fit, or the time was over; everything else that can go wrong is Node's own error. */
export class RequestLimitError extends Error {
  override readonly name = "RequestLimitError";
  readonly limit: "time" | "size";

  constructor(limit: "time" | "size", message: string) {
    super(message);
    this.limit = limit;
  }
}

/** Connections kept open between requests, for one reader that asks one thing at a time. */
export function openAgent(server: URL): HttpAgent | HttpsAgent {
  const options = { keepAlive: true, maxSockets: 2 };
  return server.protocol === "https:" ? new HttpsAgent(options) : new HttpAgent(options);
}

export interface GetRequest {
  readonly connection: Connection;
  readonly agent: HttpAgent | HttpsAgent;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly presented: Presented;
  readonly limits: RequestLimits;
}

/**
 * Sends one GET and reads its whole body. Throws `RequestLimitError`, the signal's reason, or the error of the
 * socket, the TLS handshake or the unpacking, `code` and all.
 */
export async function sendGet(get: GetRequest, signal: AbortSignal): Promise<Reply> {
  for (;;) {
    try {
      return await sendOnce(get, signal);
    } catch (error) {
      // ends, because every one of them used up a kept connection
      if (!(error instanceof StaleConnectionError)) throw error;
    }
  }
}

/** The server had closed a kept connection before it saw our request, as it may at any time: no sign of trouble. */
class StaleConnectionError extends Error {
  override readonly name = "StaleConnectionError";
}

async function sendOnce(get: GetRequest, signal: AbortSignal): Promise<Reply> {
  signal.throwIfAborted();
  const options = await requestOptions(get);
  return new Promise((resolve, reject) => {
    const send = get.connection.server.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(options);
    let isAnswered = false;
    const finish = (settle: () => void): void => {
      clearTimeout(total);
      clearTimeout(connect);
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    const fail = (error: unknown): void => {
      finish(() => reject(error instanceof Error ? error : new Error(String(error))));
      request.destroy();
    };
    const onAbort = (): void => fail(signal.reason);
    signal.addEventListener("abort", onAbort);
    const total = setTimeout(() => fail(tooSlow(get.limits.totalMs, "no whole answer")), get.limits.totalMs);
    const connect = setTimeout(
      () => fail(tooSlow(get.limits.connectMs, "no connection")),
      get.limits.connectMs,
    );
    request.on("socket", (socket) => {
      if (!socket.connecting) clearTimeout(connect);
      else socket.once("encrypted" in socket ? "secureConnect" : "connect", () => clearTimeout(connect));
    });
    // stays after the end: a socket that breaks later must not end the process
    request.on("error", (error) =>
      fail(!isAnswered && isStale(request, error) ? new StaleConnectionError() : error),
    );
    request.on("response", (response) => {
      isAnswered = true;
      clearTimeout(connect);
      readBody(response, get.limits.bodyBytes).then(
        (text) => finish(() => resolve(replyOf(response, text))),
        (error: unknown) => fail(error),
      );
    });
    request.end();
  });
}

async function requestOptions({ connection, agent, path, headers, presented }: GetRequest): Promise<object> {
  const { server, authority, serverName, isVerified } = connection;
  const { authorization, cert, key } = presented;
  const ca = (await authority?.read()) ?? null;
  return {
    agent,
    // URL keeps an IPv6 address in brackets, a socket wants it bare
    host: server.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: server.port === "" ? (server.protocol === "https:" ? 443 : 80) : Number(server.port),
    path: server.pathname.replace(/\/$/, "") + path,
    headers: {
      ...headers,
      "Accept-Encoding": "gzip",
      ...(authorization !== null && { Authorization: authorization }),
    },
    rejectUnauthorized: isVerified,
    ...(ca !== null && { ca }),
    ...(cert !== null && key !== null && { cert, key }),
    ...(serverName !== null && { servername: serverName }),
  };
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const isPacked = response.headers["content-encoding"] === "gzip";
  const body = isPacked ? pipeline(response, createGunzip(), () => undefined) : response;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new RequestLimitError("size", `an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function replyOf(response: IncomingMessage, text: string): Reply {
  return { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] ?? null, text };
}

function isStale(request: ClientRequest, error: Error): boolean {
  const isClosed = "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
  return isClosed && request.reusedSocket;
}

function tooSlow(ms: number, what: string): RequestLimitError {
  return new RequestLimitError("time", `${what} within ${ms / 1000} s`);
}
