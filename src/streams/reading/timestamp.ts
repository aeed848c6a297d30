/**
 * RFC 3339 as Go and JavaScript write it, within what PostgreSQL's `timestamptz` reads: no year 0000, an offset
 * below 16 hours, at most nanoseconds.
 */
const SHAPE =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-5]):[0-5]\d)$/;

/** Whether a text is a point in time that PostgreSQL will read, such as `2026-01-31T10:00:00.5+02:00`. */
export function isTimestamp(text: string): boolean {
  return SHAPE.test(text) && isCalendarDay(text.slice(0, 10));
}

/** JavaScript rolls 30 February over into March, so a day that exists is one that comes back as it was. */
function isCalendarDay(day: string): boolean {
  if (Number(day.slice(8)) <= 28) return true;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
