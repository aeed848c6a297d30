import type { DatabaseSettings } from "../../src/config/parts.ts";
import { readRange, topicOffsets } from "../../src/kafka/reader.ts";
import { Connection } from "../../src/postgres/connection.ts";
import type { Posted } from "./ingest-world.ts";

/** The nth question of a session; its number is in the row, so that order can be seen. */
export function questionOf(session: string, n: number, more: object = {}): object {
  return {
    event_id: `${session}/${n}`,
    event_type: "QUESTION_PUBLISHED",
    timestamp: "2026-01-31T10:00:00Z",
    session_id: session,
    quiz_id: "quiz",
    classroom_id: "class",
    question_id: `q${n}`,
    timer_sec: n,
    ...more,
  };
}

/** Posts the questions of a session one after the other, each until it is acknowledged, as long as `isOn` says. */
export async function postSession(
  session: string,
  post: (path: string, body: string) => Promise<Posted>,
  isOn: (n: number) => boolean,
): Promise<{ readonly acknowledged: string[]; readonly modes: Set<string> }> {
  const acknowledged: string[] = [];
  const modes = new Set<string>();
  for (let n = 1; isOn(n);) {
    const answer = await post("/v1/events", JSON.stringify(questionOf(session, n))).catch(() => null);
    if (answer?.status !== 201) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    acknowledged.push(`${session}/${n}`);
    modes.add((answer.json as { mode: string }).mode);
    n += 1;
  }
  return { acknowledged, modes };
}

/** The ids of a topic's events by session, each where it came first. */
export async function idsInTopic(brokers: readonly string[], topic: string): Promise<Map<string, string[]>> {
  const settings = { brokers, topic };
  const found = new Map<string, Set<string>>();
  for (const { partition, low, high } of await topicOffsets(settings, topic)) {
    await readRange(settings, { topic, partition, first: low, last: high - 1n }, ({ value }) => {
      const { event_id, session_id } = JSON.parse(value!.toString()) as Record<
        "event_id" | "session_id",
        string
      >;
      found.set(session_id, (found.get(session_id) ?? new Set()).add(event_id));
    });
  }
  return new Map([...found].map(([session, ids]) => [session, [...ids]]));
}

export async function storedIds(database: DatabaseSettings): Promise<string[]> {
  await using connection = new Connection(database, "judge");
  const rows = await connection.query(
    "SELECT event_id FROM question_published_events ORDER BY session_id, timer_duration_sec",
  );
  return rows.map((row) => String(row["event_id"]));
}

/** One sample of `/metrics`. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

export async function until(isSo: () => Promise<boolean>, ms = 60_000): Promise<void> {
  for (const end = performance.now() + ms; !(await isSo());) {
    if (performance.now() > end) throw new Error("did not come about in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
