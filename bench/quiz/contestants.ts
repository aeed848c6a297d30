import type { ChildProcess } from "node:child_process";
import { inject } from "vitest";
import { databaseEnvironment, kafkaEnvironment, startCli } from "../../test/support/cli.ts";
import type { Contestant } from "../contestants/contestant.ts";
import { copy } from "../contestants/copy.ts";
import { endMember, groupName } from "../contestants/ours.ts";
import type { Reconciliation, Store } from "../measure/store.ts";
import { NAMES, quizFiles } from "./prepare.ts";

/** psql's COPY of the same rows into the same tables, with their keys and indexes, one after the other. */
export function quizCopy(count: number): Contestant {
  const files = (store: Store): Promise<string[]> => quizFiles(store, count);
  return { ...copy("COPY, three tables", NAMES, files), reconcile };
}

/** `clusterflow consume --stream quiz-events`, as people start it. */
export function quizConsume(topic: string): Contestant {
  return {
    name: "clusterflow consume",
    tables: NAMES,
    reconcile,
    ready: (store) => {
      let child: ChildProcess | null = null;
      return Promise.resolve({
        start() {
          child = startConsume(store, topic);
          return Promise.resolve({ pid: child.pid! });
        },
        [Symbol.asyncDispose]: async () => {
          if (child !== null) await endMember(child);
        },
      });
    },
  };
}

function startConsume(store: Store, topic: string): ChildProcess {
  const env = { ...kafkaEnvironment(inject("brokers"), topic), ...databaseEnvironment(store.settings) };
  const child = startCli(["consume", "--stream", "quiz-events", "--group", groupName()], { env });
  // a full pipe would stop it
  child.stdout!.resume();
  child.stderr!.resume();
  return child;
}

/** By the events' ids; the content is that of all three tables. */
async function reconcile(store: Store, events: number): Promise<Reconciliation> {
  const ids = NAMES.map((name) => `SELECT event_id FROM ${name}`).join(" UNION ALL ");
  const sums = NAMES.map(
    (name) => `(SELECT coalesce(sum(hashtextextended(row(t.*)::text, 0)::numeric), 0) FROM ${name} t)`,
  );
  const [row] = await store.query<[Reconciliation]>(`
    SELECT (${events} - count(DISTINCT event_id))::float8 AS lost,
           (count(*) - count(DISTINCT event_id))::float8 AS doubled, (${sums.join(" + ")})::text AS content
      FROM (${ids}) AS every`);
  return row;
}
