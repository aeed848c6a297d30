import { narrow } from "../../core/narrow.ts";
import type { DeadLetter, LetterStore } from "../../pipeline/relay.ts";
import type { Header } from "../../pipeline/ports.ts";
import type { Connection, Parameter, Row } from "../connection.ts";
import { toDatabaseError } from "../errors.ts";

/** At most so many at a time, and so many bytes unless one alone has more: half of what a topic takes by default. */
const LETTERS = 100;
const BYTES = 512 * 1024;
const DEADLINE_MS = 15_000;

/** One statement, since there are no transactions here: whoever comes second passes over what the first one locks. */
const CLAIM = `
WITH waiting AS (
  SELECT id, coalesce(octet_length(key), 0) + coalesce(octet_length(value), 0) + pg_column_size(headers) AS bytes
    FROM clusterflow.dead_letters
   WHERE "group" = $1 AND topic = $2 AND relayed_at IS NULL AND relay_fault IS NULL
     AND (relaying_until IS NULL OR relaying_until < now())
   ORDER BY id
   LIMIT ${LETTERS}
     FOR UPDATE SKIP LOCKED
), chosen AS (
  SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS before FROM waiting) AS w
   WHERE before < ${BYTES}
)
UPDATE clusterflow.dead_letters AS d
   SET relaying_until = now() + interval '60 seconds'
  FROM chosen
 WHERE d.id = chosen.id
RETURNING d.id, d.topic, d.partition, d."offset", d.key, d.value, d.headers::text AS headers, d.timestamp_ms, d.stage,
          d.sqlstate, d.reason, d.first_seen`;

const RELAYED = `
  UPDATE clusterflow.dead_letters SET relayed_at = now(), relaying_until = NULL WHERE id = ANY ($1::text::bigint[])`;
const RELEASE = `UPDATE clusterflow.dead_letters SET relaying_until = NULL WHERE id = ANY ($1::text::bigint[])`;
const FAULT = `UPDATE clusterflow.dead_letters SET relay_fault = $2, relaying_until = NULL WHERE id = $1`;

/** The dead letters of one group and topic, for whoever relays them. */
export function openLetterStore(connection: Connection, group: string, topic: string): LetterStore {
  const ask = async (text: string, parameters: readonly Parameter[], signal: AbortSignal) => {
    try {
      return await connection.query(text, parameters, { deadlineMs: DEADLINE_MS, signal });
    } catch (error) {
      throw toDatabaseError(error, connection.settings);
    }
  };
  return {
    async claim(signal) {
      const rows = await ask(CLAIM, [group, topic], signal);
      return rows.map(toLetter).toSorted((one, other) => (one.id < other.id ? -1 : 1));
    },
    async noteRelayed(letters, signal) {
      await ask(RELAYED, [idsOf(letters)], signal);
    },
    async noteFault({ id }, why, signal) {
      await ask(FAULT, [id, why], signal);
    },
    async release(letters, signal) {
      await ask(RELEASE, [idsOf(letters)], signal);
    },
  };
}

function idsOf(letters: readonly DeadLetter[]): string {
  return `{${letters.map(({ id }) => id).join(",")}}`;
}

function toLetter(row: Row): DeadLetter {
  const headersText = String(row["headers"]);
  return {
    id: toBigInt(row["id"]),
    record: {
      topic: String(row["topic"]),
      partition: Number(row["partition"]),
      offset: toBigInt(row["offset"]),
      timestamp: narrow(toBigInt(row["timestamp_ms"] ?? -1n)),
      key: bytesOf(row["key"]),
      value: bytesOf(row["value"]),
      headers: headersOf(headersText),
    },
    stage: row["stage"] === "decode" ? "decode" : "write",
    sqlstate: typeof row["sqlstate"] === "string" ? row["sqlstate"] : null,
    reason: String(row["reason"]),
    firstSeen: row["first_seen"] instanceof Date ? row["first_seen"] : new Date(),
    headersText,
  };
}

function toBigInt(value: unknown): bigint {
  return BigInt(String(value));
}

function bytesOf(value: unknown): Buffer | null {
  return Buffer.isBuffer(value) ? value : null;
}

interface HeaderRow {
  readonly name: string;
  readonly nameBytes?: string;
  readonly value: string | null;
}

/** What `dead-letters.ts` made of them, undone; a name stays bytes only where it is no text. */
function headersOf(text: string): readonly Header[] {
  return (JSON.parse(text) as readonly HeaderRow[]).map(({ name, nameBytes, value }) => {
    const bytes = nameBytes === undefined ? null : Buffer.from(nameBytes, "base64");
    const known = bytes === null ? name : bytes.toString("utf8");
    const isText = bytes === null || Buffer.from(known).equals(bytes);
    return [isText ? known : bytes, value === null ? null : Buffer.from(value, "base64")];
  });
}
