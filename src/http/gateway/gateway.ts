import { settlesWithin } from "../../core/bounded.ts";
import { ClusterflowError } from "../../core/errors.ts";
import type { Tell } from "../../core/report.ts";
import { sharedController } from "../../core/signal.ts";
import { processFamilies } from "../families.ts";
import { LoopDelay } from "../loop-delay.ts";
import { Admission } from "./admission.ts";
import { eventOperations } from "./events.ts";
import { GatewayObserved } from "./gateway-observed.ts";
import { newServer } from "./listen.ts";
import { loginOperations } from "./login.ts";
import { openApiOf } from "./openapi.ts";
import type { Operation } from "./operation.ts";
import type { Condition, Intake, Reports, Users } from "./ports.ts";
import { reportOperations } from "./reports.ts";
import { serve } from "./serve.ts";
import { LIMITS, type GatewaySettings, type Limits } from "./settings.ts";
import { statusOperations } from "./status.ts";
import { openTokens } from "./tokens.ts";

export interface GatewayParts {
  readonly intake: Intake;
  readonly users: Users;
  /** Null where there is no database to report from. */
  readonly reports: Reports | null;
  readonly condition: Condition;
  readonly tell: Tell;
}

export interface Gateway extends AsyncDisposable {
  /** `http://host:port`; says which port was picked when 0 was asked for. */
  readonly url: string;
}

/**
 * The HTTP side of `clusterflow ingest`. Closing stops new connections at once, lets what is in flight come to its end
 * for a while, and then hangs up. Rejects with `usage` when the address cannot be had or a key is too weak.
 */
export async function openGateway(settings: GatewaySettings, parts: GatewayParts): Promise<Gateway> {
  const limits: Limits = { ...LIMITS, ...settings.limits };
  const tokens = openTokens(settings.tokens);
  const closing = new AbortController();
  const ended = sharedController();
  const admission = new Admission(limits);
  const observed = new GatewayObserved();
  const delay = new LoopDelay();
  const { intake, users, reports, condition, tell } = parts;
  const operations: Operation[] = [
    ...eventOperations({ intake, observed, limits }),
    ...loginOperations({ users, tokens, signup: settings.signup, limits }),
    ...(reports === null ? [] : reportOperations(reports)),
    ...statusOperations({
      notReady: () => (closing.signal.aborted ? "the gateway is closing" : condition.notReady()),
      away: () => condition.away(),
      families: () => [
        ...observed.families(admission.requests),
        ...condition.families(),
        ...processFamilies(delay),
      ],
      openApi: () => document,
    }),
  ];
  const document = openApiOf(operations);
  const app = newServer(limits);
  serve(app, { operations, tokens, limits, admission, observed, tell, signal: ended.signal });
  try {
    await listen(app, settings);
  } catch (error) {
    delay[Symbol.dispose]();
    throw error;
  }
  return {
    url: urlOf(app, settings),
    [Symbol.asyncDispose]: async () => {
      delay[Symbol.dispose]();
      closing.abort();
      const closed = app.close();
      // Node looks for idle connections once; one that becomes idle later would stay for its keep-alive time
      const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
      const isClosed = await settlesWithin(closed, limits.closeMs);
      clearInterval(sweep);
      if (isClosed) return;
      ended.abort();
      app.server.closeAllConnections();
      await closed;
    },
  };
}

const SWEEP_MS = 100;

type Server = ReturnType<typeof newServer>;

async function listen(app: Server, { address: { host, port } }: GatewaySettings): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw new ClusterflowError(`${shown(host)}:${port}: ${reasonOf(error)}`, {
      code: "usage",
      hint: "give another one, or let a free port be picked: PORT=0",
      cause: error,
    });
  }
  // an error of accepting one connection, when files ran out, is no reason to stop
  app.server.on("error", () => undefined);
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there already",
  EACCES: "this user may not listen there",
  EADDRNOTAVAIL: "this machine does not have that address",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name cannot be looked up at the moment",
};

function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : null;
  return REASONS[String(code)] ?? String(error);
}

function urlOf(app: Server, { address: { host } }: GatewaySettings): string {
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://${shown(host)}:${address.port}`;
}

/** An IPv6 address stands in brackets beside a port. */
function shown(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
