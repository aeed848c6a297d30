import type { DeadLetter } from "./relay.ts";

const CONNECT = "__connect.errors.";
const OURS = "clusterflow.dlq.";
/** Holds the record's own headers as clusterflow.dead_letters does, where the record cannot. */
export const TRUE_HEADERS = `${OURS}headers`;

/** Names that a relayed record's own headers may not have: nobody could tell whose they are. */
export function isRelayHeader(name: string): boolean {
  return name.startsWith(CONNECT) || name.startsWith(OURS);
}

/**
 * Where a dead letter came from and why it is one, in the words of Kafka Connect (KIP-298), which other tools read, and
 * what those have no word for. The record's own time is among it: a topic deletes by the time of the relayed record.
 */
export function relayHeaders(
  { record, stage, sqlstate, reason, firstSeen }: DeadLetter,
  group: string,
  stream: string,
): Readonly<Record<string, string>> {
  const isDecode = stage === "decode";
  return {
    [`${CONNECT}topic`]: record.topic,
    [`${CONNECT}partition`]: String(record.partition),
    [`${CONNECT}offset`]: String(record.offset),
    [`${CONNECT}connector.name`]: group,
    [`${CONNECT}task.id`]: "0",
    [`${CONNECT}stage`]: isDecode ? "VALUE_CONVERTER" : "TASK_PUT",
    [`${CONNECT}class.name`]: `clusterflow.${isDecode ? stream : "postgresql"}`,
    [`${CONNECT}exception.class.name`]: isDecode ? "Rejected" : "PostgresError",
    [`${CONNECT}exception.message`]: reason,
    [`${OURS}group`]: group,
    ...(sqlstate === null ? {} : { [`${OURS}sqlstate`]: sqlstate }),
    [`${OURS}first-seen`]: firstSeen.toISOString(),
    [`${OURS}timestamp`]: String(record.timestamp),
  };
}
