import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Answer } from "./answer.ts";

/** A real server packs an answer when it is asked to and the body passes this size (k8s.io/apiserver, writers.go). */
const GZIP_BYTES = 128 * 1024;

/** `cut`: the connection breaks in the middle of the body. */
export type Delivery = "whole" | "cut";

/** Writes an answer as fast as the client takes it, never holding more than a small part of a long one. */
export async function send(
  answer: Answer,
  request: IncomingMessage,
  response: ServerResponse,
  delivery: Delivery,
): Promise<void> {
  response.statusCode = answer.status;
  response.setHeader("content-type", answer.contentType);
  response.setHeader("cache-control", "no-cache, private");
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  const { start, rest } = begin(answer.body);
  if (delivery === "cut") return breakOff(response, start);
  if (rest === null) {
    response.setHeader("content-length", Buffer.byteLength(start));
    response.end(start);
    return;
  }
  // closes the body's generator too, when the client goes away in the middle
  const body = Readable.from(resume(start, rest), { objectMode: true, highWaterMark: 16 });
  if (!acceptsGzip(request)) return pipe(body, response);
  response.setHeader("content-encoding", "gzip");
  response.setHeader("vary", "Accept-Encoding");
  // level 4 is what Kubernetes uses; the best level would take longer than the network saves
  await pipe(body, createGzip({ level: 4 }), response);
}

async function pipe(...streams: readonly [Readable, ...Writable[]]): Promise<void> {
  // a client that leaves is no trouble of ours
  await pipeline(streams).catch(() => undefined);
}

/** The body up to the size from which on it is packed; `rest` is null when that was all. */
function begin(body: Iterable<string>): { start: string; rest: Iterator<string> | null } {
  const pieces = body[Symbol.iterator]();
  let start = "";
  while (start.length <= GZIP_BYTES) {
    const next = pieces.next();
    if (next.done === true) return { start, rest: null };
    start += next.value;
  }
  return { start, rest: pieces };
}

function* resume(start: string, rest: Iterator<string>): Generator<string> {
  try {
    yield start;
    for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
  } finally {
    rest.return?.();
  }
}

function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = request.headers["accept-encoding"] ?? "";
  return accepted.split(",").some((coding) => coding.trim().toLowerCase().startsWith("gzip"));
}

async function breakOff(response: ServerResponse, start: string): Promise<void> {
  // chunked, so that only the missing last chunk tells the client
  response.write(start.slice(0, Math.max(1, Math.floor(start.length / 2))));
  if (response.writableNeedDrain) await once(response, "drain");
  response.destroy();
}
