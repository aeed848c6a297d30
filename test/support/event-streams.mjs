// Streams of small application events into tables, for the faults and the bench: what people bring, and nothing that
// a key would mend. Plain JavaScript, since processes of the built program load it.

const columns = {
  id: "bigint",
  user_id: "text",
  kind: "text",
  amount: "numeric",
  at: "timestamptz",
  note: "text",
};
const DDL = "id bigint, user_id text, kind text, amount numeric, at timestamptz, note text";

function parse(value) {
  if (value === null) return { reason: "no value" };
  try {
    return { event: JSON.parse(value.toString()) };
  } catch {
    return { reason: "no JSON" };
  }
}

function decode({ value }) {
  const { event, reason } = parse(value);
  return event === undefined ? { kind: "rejected", reason } : { kind: "rows", rows: [event] };
}

/** Each event goes into one table, in parts of a third. */
function decodeThree({ value }) {
  const { event, reason } = parse(value);
  if (event === undefined) return { kind: "rejected", reason };
  const tables = [[], [], []];
  tables[event.id % 3].push(event);
  return { kind: "tables", tables };
}

function stream(name, tables, decoding = decode) {
  return {
    name,
    topic: { name: `events-${name}`, partitions: 6, config: {} },
    group: `group-${name}`,
    target: { kind: "tables", tables },
    decode: decoding,
  };
}

function table(name, identity) {
  return { table: ["public", name], columns, identity, again: "replace" };
}

/**
 * `append` has no key at all: whatever is written twice is there twice. `keyed` is written by its id, a later event in
 * place of an earlier one. `three` goes into three tables.
 */
export const STREAMS = {
  append: stream("append", [table("append", [])]),
  keyed: stream("keyed", [table("keyed", ["id"])]),
  three: stream("three", [table("three_a", []), table("three_b", []), table("three_c", [])], decodeThree),
};

/** What has to be in the database before a stream is consumed. */
export const TABLES = {
  append: `CREATE TABLE public.append (${DDL})`,
  keyed: `CREATE TABLE public.keyed (${DDL}, PRIMARY KEY (id))`,
  three: ["a", "b", "c"].map((part) => `CREATE TABLE public.three_${part} (${DDL})`).join("; "),
};

/** The n-th event, always the same; some 300 bytes as JSON. */
export function eventOf(n) {
  return {
    id: n,
    user_id: `user-${n % 5000}`,
    kind: ["click", "view", "cart"][n % 3],
    amount: (n % 10_000) / 100,
    at: new Date(1_750_000_000_000 + n * 10).toISOString(),
    note: `/products/${n % 999}?campaign=autumn&agent=Mozilla/5.0 (X11; Linux x86_64) ${"x".repeat(110)}`,
  };
}
