import type { DeadLetter } from "../../pipeline/proof/dead-letters.ts";
import type { Connection } from "../connection.ts";
import { ask, textOrNull, toBigInt } from "./ask.ts";

const DEAD_LETTERS = `
  SELECT "offset", encode(sha256(key), 'hex') AS key_hash, encode(sha256(value), 'hex') AS value_hash
    FROM clusterflow.dead_letters
   WHERE "group" = $1 AND topic = $2 AND partition = $3 AND "offset" >= $4::bigint AND "offset" < $5::bigint
   ORDER BY "offset"
   LIMIT $6`;

const COUNT = `
  SELECT count(*) AS n
    FROM clusterflow.dead_letters
   WHERE "group" = $1 AND topic = $2 AND partition = $3 AND "offset" >= $4::bigint AND "offset" < $5::bigint`;

export interface DeadLetterPlace {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** First offset wanted. */
  readonly from: bigint;
  /** First offset not wanted any more. */
  readonly to: bigint;
}

/** Up to `limit` dead letters of a range of offsets, in order; hashed by PostgreSQL, so that no value travels. */
export async function readDeadLetters(
  connection: Connection,
  place: DeadLetterPlace,
  limit: number,
): Promise<readonly DeadLetter[]> {
  const rows = await ask(connection, DEAD_LETTERS, [...wordsOf(place), limit]);
  return rows.map((row) => ({
    offset: toBigInt(row["offset"]),
    keyHash: textOrNull(row["key_hash"]),
    valueHash: textOrNull(row["value_hash"]),
  }));
}

export async function countDeadLetters(connection: Connection, place: DeadLetterPlace): Promise<bigint> {
  const [row] = await ask(connection, COUNT, wordsOf(place));
  return toBigInt(row?.["n"] ?? 0n);
}

function wordsOf({
  group,
  topic,
  partition,
  from,
  to,
}: DeadLetterPlace): readonly (string | number | bigint)[] {
  return [group, topic, partition, from, to];
}
