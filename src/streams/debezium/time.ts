import type { Field } from "./envelope.ts";

const DAY_MS = 86_400_000n;
/** PostgreSQL's infinities, as Debezium counts them in micro- and milliseconds. */
const INFINITIES: ReadonlyMap<bigint, string> = new Map([
  [9_223_372_036_825_200_000n, "infinity"],
  [-9_223_372_036_832_400_000n, "-infinity"],
  [9_223_372_036_825_200n, "infinity"],
  [-9_223_372_036_832_400n, "-infinity"],
]);
/** As far as JavaScript's calendar goes. */
const LAST_MS = 8_640_000_000_000_000n;

const UNITS: Readonly<Record<string, bigint>> = {
  "io.debezium.time.Timestamp": 1_000_000n,
  "org.apache.kafka.connect.data.Timestamp": 1_000_000n,
  "io.debezium.time.MicroTimestamp": 1_000n,
  "io.debezium.time.NanoTimestamp": 1n,
};

/**
 * A `timestamp` from a count since 1970, read as UTC; undefined beyond the calendar. `isInMs`: a column of at most three
 * decimals, which Debezium counts in milliseconds unless its schema says otherwise.
 */
export function timestampText(count: bigint, field: Field | undefined, isInMs: boolean): string | undefined {
  const infinity = INFINITIES.get(count);
  if (infinity !== undefined) return infinity;
  const nanos = count * (UNITS[field?.name ?? ""] ?? (isInMs ? 1_000_000n : likelyUnitOf(count)));
  const ms = floorOf(nanos, 1_000_000n);
  const micros = floorOf(nanos - ms * 1_000_000n, 1_000n);
  return calendarText(ms, (rest) => `${rest.slice(0, -1)}${String(micros).padStart(3, "0")}`);
}

/**
 * Nanoseconds of one. Nothing says the unit where there is no schema, so it is told by the size: milliseconds from 1973
 * to 2286, nanoseconds from 2001 on, and all others microseconds, which is what `timestamp` columns have by default.
 */
function likelyUnitOf(count: bigint): bigint {
  const size = count < 0n ? -count : count;
  if (size >= 100_000_000_000n && size < 10_000_000_000_000n) return 1_000_000n;
  return size >= 1_000_000_000_000_000_000n ? 1n : 1_000n;
}

/** A `date` from days since 1970; undefined beyond the calendar. */
export function dateText(days: bigint): string | undefined {
  return calendarText(days * DAY_MS, () => "");
}

function calendarText(ms: bigint, timeOf: (rest: string) => string): string | undefined {
  if (ms > LAST_MS || ms < -LAST_MS) return undefined;
  const iso = new Date(Number(ms)).toISOString();
  const rest = timeOf(iso.slice(iso.indexOf("T")));
  return inPostgresYears(`${iso.slice(0, iso.indexOf("T"))}${rest}`);
}

const ISO_DAY = /^([+-]?)(\d{4,})(-\d\d-\d\d)(.*)$/;

/** PostgreSQL knows no sign before a year and no year 0: the year before 1 is 1 BC. */
export function inPostgresYears(iso: string): string | undefined {
  const [, sign, year, day, rest] = ISO_DAY.exec(iso) ?? [];
  if (year === undefined || day === undefined || rest === undefined) return undefined;
  const number = Number(year) * (sign === "-" ? -1 : 1);
  if (number > 0) return `${String(number).padStart(4, "0")}${day}${rest}`;
  return `${String(1 - number).padStart(4, "0")}${day}${rest} BC`;
}

function floorOf(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}
