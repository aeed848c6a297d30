import { isJsonObject, type JsonObject } from "../core/json.ts";
import { printable } from "../core/printable.ts";
import { type Reply, RequestLimitError } from "./request.ts";
import { parseStorable } from "./storable.ts";

/** The server did what was asked. */
interface Ok {
  readonly kind: "ok";
  readonly body: JsonObject;
}

/** The server understood and will not; asking again changes nothing. */
export interface Refused {
  readonly kind: "refused";
  readonly httpStatus: number;
  /** The server's own words. */
  readonly message: string;
  /** With 410: the token that goes on with the list at a newer revision. */
  readonly continueToken: string | null;
}

/** No answer to work with; the next attempt may bring one. */
export interface Failure {
  readonly kind: "failure";
  /**
   * `network`: no connection, or one that broke. `timeout`: too slow. `throttled`: 429. `server`: a 5xx.
   * `too-new`: this server has not reached the wanted revision yet. `too-large`: a body above the bound.
   * `invalid`: a body that is not the JSON it should be.
   */
  readonly why: "network" | "timeout" | "throttled" | "server" | "too-new" | "too-large" | "invalid";
  readonly httpStatus: number | null;
  readonly reason: string;
  /** Milliseconds that the server asked to wait; 0 when it did not. */
  readonly retryAfterMs: number;
}

export type Answer = Ok | Refused | Failure;

const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** What a reply means. 401 is the caller's: it depends on the credentials. */
export function answerOf(reply: Reply): Answer {
  const parsed = parseStorable(reply.text);
  const body = isJsonObject(parsed) ? parsed : null;
  const { status } = reply;
  if (status >= 200 && status < 300) return body === null ? invalid(reply) : { kind: "ok", body };
  const message = `${status}: ${messageOf(body, reply.text)}`;
  if (!RETRIED_STATUSES.has(status)) {
    return {
      kind: "refused",
      httpStatus: status,
      message: messageOf(body, reply.text),
      continueToken: tokenOf(body),
    };
  }
  const why = status === 429 ? "throttled" : isTooNew(body) ? "too-new" : "server";
  return {
    kind: "failure",
    why,
    httpStatus: status,
    reason: message,
    retryAfterMs: retryAfterMs(reply.retryAfter),
  };
}

const NETWORK_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name not found for the moment",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "connection timed out",
  Z_BUF_ERROR: "packed answer was cut off",
  Z_DATA_ERROR: "packed answer was damaged",
};

/** What an error of the socket, the unpacking or our own bounds means. */
export function answerOfError(error: unknown): Failure {
  const shared = { kind: "failure", httpStatus: null, retryAfterMs: 0 } as const;
  if (error instanceof RequestLimitError) {
    return { ...shared, why: error.limit === "time" ? "timeout" : "too-large", reason: error.message };
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  const known = NETWORK_REASONS[code];
  return {
    ...shared,
    why: "network",
    reason: known === undefined ? printable(message, 200) : `${known} (${code})`,
  };
}

function invalid(reply: Reply): Failure {
  const reason = `${reply.status} with a body that is not a whole JSON object`;
  return { kind: "failure", why: "invalid", httpStatus: reply.status, reason, retryAfterMs: 0 };
}

/** `message` of a `Status`, or the body as it is: aggregated servers and proxies answer plain text. */
function messageOf(body: JsonObject | null, text: string): string {
  const message = body?.["message"];
  const words = typeof message === "string" && message !== "" ? message : text;
  return printable(words.slice(0, 2000).trim().replaceAll(/\s+/g, " "), 500) || "no message";
}

function tokenOf(body: JsonObject | null): string | null {
  const metadata = body?.["metadata"];
  const token = isJsonObject(metadata) ? metadata["continue"] : null;
  return typeof token === "string" && token !== "" ? token : null;
}

function isTooNew(body: JsonObject | null): boolean {
  const details = body?.["details"];
  const causes = isJsonObject(details) ? details["causes"] : null;
  return (
    Array.isArray(causes) &&
    causes.some((cause: unknown) => isJsonObject(cause) && cause["reason"] === TOO_NEW)
  );
}
const TOO_NEW = "ResourceVersionTooLarge";

/** Seconds or an HTTP date. */
function retryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}
