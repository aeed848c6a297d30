import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IngestSettings, IngestToKafka } from "../../src/config/ingest.ts";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import type { Report } from "../../src/core/report.ts";
import { ingest } from "../../src/flows/ingest/ingest.ts";
import { kafkaToPostgres } from "../../src/flows/kafka-to-postgres.ts";
import { openTokens } from "../../src/http/gateway/tokens.ts";
import type { Stream } from "../../src/streams/define.ts";
import { quizEvents } from "../../src/streams/quiz/stream.ts";
import { TOKENS } from "./gateway-world.ts";

/** A gateway as `clusterflow ingest` runs it, on a free port. */
export interface Ingesting extends AsyncDisposable {
  readonly url: string;
  readonly reports: readonly Report[];
  post(path: string, body: string, type?: string): Promise<Posted>;
  get(path: string): Promise<Posted>;
  /** As at SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
}

export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export function toKafka(brokers: readonly string[], topic: string, spoolDir: string): IngestToKafka {
  return {
    mode: "hybrid-kafka",
    address: { host: "127.0.0.1", port: 0 },
    tokens: TOKENS,
    signup: "closed",
    kafka: { brokers, topic },
    spool: { dir: spoolDir, maxBytes: 256 * 1024 ** 2 },
    database: null,
    failover: "spool",
  };
}

export function toPostgres(database: DatabaseSettings): IngestSettings {
  const address = { host: "127.0.0.1", port: 0 };
  return { mode: "legacy", address, tokens: TOKENS, signup: "closed", database };
}

export async function startIngest(settings: IngestSettings, stream: Stream = quizEvents): Promise<Ingesting> {
  const stopping = new AbortController();
  const reports: Report[] = [];
  let running: Promise<void> = Promise.resolve();
  const url = await new Promise<string>((resolve, reject) => {
    const tell = (report: Report): void => {
      reports.push(report);
      const found = report.kind === "notice" ? /taken at (\S+)/.exec(report.text)?.[1] : undefined;
      if (found !== undefined) resolve(found);
    };
    running = ingest(settings, stream, { tell, signal: stopping.signal, environment: {} });
    running.catch(reject);
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return { url, reports, ...client(url), stop, [Symbol.asyncDispose]: stop };
}

/** Speaks with a token that allows everything. */
export function client(url: string): Pick<Ingesting, "post" | "get"> {
  const authorization = openTokens(TOKENS).issue!({
    id: "1",
    name: "Test",
    email: null,
    scopes: ["WRITE", "READ"],
  }).then((token) => `Bearer ${token}`);
  const ask = async (path: string, init: RequestInit): Promise<Posted> => {
    const headers = { ...(init.headers as Record<string, string>), authorization: await authorization };
    const response = await fetch(`${url}${path}`, { ...init, headers });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    const json: unknown = isJson ? JSON.parse(text) : null;
    return { status: response.status, headers: response.headers, text, json };
  };
  return {
    post: (path, body, type = "application/json") =>
      ask(path, { method: "POST", body, headers: { "content-type": type } }),
    get: (path) => ask(path, {}),
  };
}

/** Stores what the topic holds now, as `clusterflow consume --until-end` does. */
export async function consumeAll(
  brokers: readonly string[],
  topic: string,
  database: DatabaseSettings,
): Promise<void> {
  const settings = {
    kafka: { brokers, topic },
    database,
    group: "g",
    deadLetters: { maxInARow: 100, topic: null },
    http: null,
  };
  const run = { tell: () => undefined, signal: new AbortController().signal, environment: {} };
  await kafkaToPostgres(settings, quizEvents, { untilEnd: true, giveUpAfterMs: 60_000 }, run);
}

export async function spoolFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "clusterflow-spool-"));
  return { path: join(path, "s"), [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
