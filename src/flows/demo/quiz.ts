import type { DatabaseSettings } from "../../config/parts.ts";
import type { JsonObject } from "../../core/json.ts";
import { sleep } from "../../core/signal.ts";
import { throughOutages } from "../../pipeline/outage.ts";
import { Connection } from "../../postgres/connection.ts";
import { databaseName } from "../../postgres/errors.ts";
import { loadRows } from "../../postgres/load-rows.ts";
import { migrate } from "../../postgres/migrate.ts";
import { generateQuiz } from "../../streams/quiz/generate.ts";
import type { FlowRun } from "../run.ts";
import { gatewayName, GatewayClient, type Credentials } from "./gateway-client.ts";

export interface QuizDemo {
  readonly url: string;
  readonly credentials: Credentials;
  readonly schools: number;
  /** Events a second, as far as the gateway keeps up. */
  readonly rate: number;
  readonly seconds: number;
}

export interface DemoSummary {
  readonly posted: number;
  readonly seconds: number;
  /** Events by where the gateway put them. */
  readonly modes: Readonly<Record<string, number>>;
}

const TELL_MS = 5_000;
/** Requests a second, at most: the rest of the rate is in their size. */
const REQUESTS_PER_S = 20;
const BATCH = 1_000;
/** For a gateway that was started a moment ago. */
const LOGIN_MS = 10_000;
const FULL_PAUSE_MS = 1_000;
/** The same answer keys each time. */
const SEED = 1;
const DAY_MS = 86_400_000;

/** Names for the reports: quizzes, classes, students and answer keys. */
export async function loadQuizReference(
  settings: DatabaseSettings,
  schools: number,
  { tell, signal }: Pick<FlowRun, "tell" | "signal">,
): Promise<void> {
  await using connection = new Connection(settings, "clusterflow demo");
  const { reference } = generateQuiz({ schools, seed: SEED, at: 0 });
  const work = async (): Promise<void> => {
    await migrate(connection);
    await loadRows(connection, reference);
  };
  await throughOutages(work, { name: databaseName(settings), tell, signal, giveUpAfterMs: 30_000 });
}

/** Plays quizzes and posts what happens, until the time is over or the signal. */
export async function playQuiz(
  demo: QuizDemo,
  { tell, signal }: Pick<FlowRun, "tell" | "signal">,
): Promise<DemoSummary> {
  const client = await throughOutages(() => GatewayClient.logIn(demo.url, demo.credentials), {
    name: gatewayName(demo.url),
    tell,
    signal,
    giveUpAfterMs: LOGIN_MS,
  });
  const events = eventsOf(demo.schools);
  const modes: Record<string, number> = {};
  const begun = performance.now();
  let [posted, toldAt] = [0, begun];
  for (let nowMs = 0; nowMs < demo.seconds * 1000 && !signal.aborted; nowMs = performance.now() - begun) {
    const due = Math.min(BATCH, Math.floor((nowMs / 1000) * demo.rate) - posted);
    if (due > 0) posted += await postAll(client, take(events, due), modes, signal);
    if (performance.now() - toldAt > TELL_MS) {
      tell({ kind: "notice", text: `${posted} events posted: ${modesText(modes)}` });
      toldAt = performance.now();
    }
    await sleep(due === BATCH ? 0 : 1000 / REQUESTS_PER_S, signal);
  }
  return { posted, seconds: Math.round((performance.now() - begun) / 1000), modes };
}

export function modesText(modes: DemoSummary["modes"]): string {
  return (
    Object.entries(modes)
      .map(([mode, count]) => `${count} ${mode}`)
      .join(", ") || "none yet"
  );
}

async function postAll(
  client: GatewayClient,
  events: readonly JsonObject[],
  modes: Record<string, number>,
  signal: AbortSignal,
): Promise<number> {
  while (!signal.aborted) {
    const answer = await client.post(events);
    if (answer === null) await sleep(FULL_PAUSE_MS, signal);
    else {
      const mode = typeof answer["mode"] === "string" ? answer["mode"] : "none";
      modes[mode] = (modes[mode] ?? 0) + events.length;
      return events.length;
    }
  }
  return 0;
}

function take(events: Generator<JsonObject>, count: number): readonly JsonObject[] {
  return Array.from({ length: count }, () => events.next().value as JsonObject);
}

/** Quizzes without end; each round has sessions and events of its own. */
function* eventsOf(schools: number): Generator<JsonObject> {
  for (let round = 0; ; round += 1) {
    const tag = `${Date.now().toString(36)}-${round}`;
    for (const event of generateQuiz({ schools, seed: SEED, at: Date.now() - DAY_MS }).events) {
      const { event_id, session_id } = event as { event_id: string; session_id: string };
      yield { ...event, event_id: `${tag}-${event_id}`, session_id: `${session_id}-${tag}` };
    }
  }
}
