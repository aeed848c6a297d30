import { connect, type Socket } from "node:net";
import type { Report } from "../../src/core/report.ts";
import { openGateway, type Gateway } from "../../src/http/gateway/gateway.ts";
import { hashPassword } from "../../src/http/gateway/passwords.ts";
import type {
  Away,
  IncomingEvent,
  KnownUser,
  ReportAnswer,
  Reports,
  ReportValues,
  Receipt,
  Scope,
  User,
} from "../../src/http/gateway/ports.ts";
import type { GatewaySettings, Limits } from "../../src/http/gateway/settings.ts";
import { openTokens, type TokenSettings } from "../../src/http/gateway/tokens.ts";

export const SECRET = "a secret of the tests, and long enough for HS256";

export const TOKENS: TokenSettings = {
  keys: { algorithm: "HS256", secrets: [SECRET] },
  issuer: "clusterflow",
  audience: "clusterflow",
  lifetimeS: 86_400,
};

export const PASSWORD = "test123";
let hash: Promise<string> | null = null;

/** An open gateway on a free port, and what its surroundings saw. */
export interface World extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly events: IncomingEvent[];
  readonly calls: number[];
  readonly by: User[];
  readonly reports: Report[];
  readonly asked: [name: string, values: ReportValues][];
  readonly added: Pick<KnownUser, "email" | "scopes">[];
  notReady: string | null;
  away: Away[];
  take: (event: IncomingEvent) => Receipt | Promise<Receipt>;
  answer: () => ReportAnswer | Promise<ReportAnswer>;
  token(...scopes: Scope[]): Promise<string>;
  /** With the token of a user who may do these things. */
  send(path: string, init: Sending): Promise<Reply>;
}

export interface Sending {
  readonly method?: string;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array | ReadableStream;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly scopes?: readonly Scope[] | null;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export const LIST: Reports["list"] = [
  {
    name: "active-participants",
    about: "Students who answered.",
    parameters: [
      { name: "session_id", about: "The session.", type: { kind: "uuid" }, otherwise: null },
      { name: "time_range", about: "How far back.", type: { kind: "period" }, otherwise: "60m" },
      { name: "as_of", about: "Until when.", type: { kind: "time" }, otherwise: null },
    ],
    isPaged: true,
    answer: { type: "object", required: ["rows"], properties: { rows: { type: "array" } } },
  },
];

export async function openWorld(
  limits: Partial<Limits> = {},
  settings: Partial<GatewaySettings> = {},
): Promise<World> {
  const passwordHash = await (hash ??= hashPassword(PASSWORD));
  const writer = {
    id: "7",
    name: "Writer",
    email: "writer.test@example.com",
    scopes: ["WRITE"],
    passwordHash,
  };
  const tokens = openTokens(settings.tokens ?? TOKENS);
  const gatewayLimits = { closeMs: 2_000, ...limits };
  let gateway: Gateway | null = null;
  const world: World = {
    url: "",
    port: 0,
    events: [],
    calls: [],
    by: [],
    reports: [],
    asked: [],
    added: [],
    notReady: null,
    away: [],
    take: ({ event, index }) => ({
      kind: "taken",
      mode: "kafka",
      id: idOf(event),
      partition: 1,
      offset: BigInt(index),
    }),
    answer: () => ({ kind: "found", body: { rows: [] } }),
    token: (...scopes) => tokens.issue!({ id: "7", name: "Writer", email: null, scopes }),
    send: async (path, sending) => send(`${world.url}${path}`, sending, (scopes) => world.token(...scopes)),
    [Symbol.asyncDispose]: async () => gateway?.[Symbol.asyncDispose](),
  };
  gateway = await openGateway(
    {
      address: { host: "127.0.0.1", port: 0 },
      tokens: TOKENS,
      signup: "closed",
      ...settings,
      limits: gatewayLimits,
    },
    {
      intake: {
        take: (events, by) => {
          world.events.push(...events);
          world.calls.push(events.length);
          world.by.push(by);
          return Promise.all(events.map(async (event) => world.take(event)));
        },
      },
      users: {
        byEmail: (email) => Promise.resolve(email === writer.email ? (writer as KnownUser) : null),
        add: (user) => {
          world.added.push({ email: user.email, scopes: user.scopes });
          return Promise.resolve(user.email === writer.email ? "taken" : "added");
        },
      },
      reports: {
        list: LIST,
        run: (name, values) => {
          world.asked.push([name, values]);
          return Promise.resolve(world.answer());
        },
        query: () => Promise.resolve(world.answer()),
      },
      condition: { notReady: () => world.notReady, away: () => world.away, families: () => [] },
      tell: (report) => world.reports.push(report),
    },
  );
  return Object.assign(world, { url: gateway.url, port: Number(new URL(gateway.url).port) });
}

async function send(
  url: string,
  sending: Sending,
  token: (scopes: readonly Scope[]) => Promise<string>,
): Promise<Reply> {
  const { scopes = ["WRITE", "READ"], headers } = sending;
  const bearer = scopes === null ? {} : { authorization: `Bearer ${await token(scopes)}` };
  const response = await fetch(url, requestOf(sending, { ...bearer, ...headers }));
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  const json: unknown = isJson ? JSON.parse(text) : null;
  return { status: response.status, headers: response.headers, text, json };
}

function requestOf(
  { method, body, raw, type = "application/json" }: Sending,
  headers: Readonly<Record<string, string>>,
): NonNullable<Parameters<typeof fetch>[1]> {
  const payload = raw ?? (body === undefined ? null : JSON.stringify(body));
  if (payload === null) return { method: method ?? "GET", headers };
  const posted = { "content-type": type, ...headers };
  return { method: method ?? "POST", headers: posted, body: payload, duplex: "half" };
}

/** The event's own id, as an intake would find it. */
export function idOf({ event_id }: IncomingEvent["event"]): string {
  return typeof event_id === "string" ? event_id : "none";
}

/** A raw connection: what was said so far, and when it ended. */
export function dial(port: number): {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly closed: Promise<string>;
} {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString())).on("error", () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.once("end", () => {
      socket.end();
      resolve(heard);
    });
    socket.once("close", () => resolve(heard));
  });
  return { socket, heard: () => heard, closed };
}

export function eventOf(id: string): Readonly<Record<string, unknown>> {
  return {
    event_id: id,
    event_type: "QUESTION_PUBLISHED",
    session_id: "900e8400-e29b-41d4-a716-446655440000",
  };
}
