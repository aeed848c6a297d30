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

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** By hand: to ask a `Date` for it takes longer than all the rest of a small event. */
function isCalendarDay(day: string): boolean {
  const [year, month, date] = [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8))];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return date <= (month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0));
}
