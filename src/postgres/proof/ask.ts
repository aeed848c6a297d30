import type { Connection, Parameter, Row } from "../connection.ts";
import { toDatabaseError } from "../errors.ts";

/** A history of years is sorted by some of these questions. */
const DEADLINE_MS = 600_000;

/** One question to the database; whatever goes wrong comes out as a ClusterflowError. */
export async function ask(
  connection: Connection,
  text: string,
  parameters: readonly Parameter[] = [],
  deadlineMs = DEADLINE_MS,
): Promise<readonly Row[]> {
  try {
    return await connection.query(text, parameters, { deadlineMs });
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}

export function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A `bigint` or `numeric` column, which the driver answers as bigint or as text. */
export function toBigInt(value: unknown): bigint {
  return BigInt(String(value));
}
