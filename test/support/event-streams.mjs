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

function decode({ value }) {
  if (value === null) return { kind: "rejected", reason: "no value" };
  try {
    return { kind: "rows", rows: [JSON.parse(value.toString())] };
  } catch {
    return { kind: "rejected", reason: "no JSON" };
  }
}

function intoTable(name, identity) {
  return {
    name,
    topic: { name: `events-${name}`, partitions: 6, config: {} },
    group: `group-${name}`,
    target: { kind: "table", table: ["public", name], columns, identity },
    decode,
  };
}

/** `append` has no key at all: whatever is written twice is there twice. `keyed` is written by its id. */
export const STREAMS = { append: intoTable("append", []), keyed: intoTable("keyed", ["id"]) };

/** What has to be in the database before a stream is consumed. */
export const TABLES = {
  append: `CREATE TABLE public.append (${DDL})`,
  keyed: `CREATE TABLE public.keyed (${DDL}, PRIMARY KEY (id))`,
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
