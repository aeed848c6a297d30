import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { copyOf } from "../../../src/streams/debezium/stream.ts";
import type { RecordView, Stream } from "../../../src/streams/define.ts";

export type Recording = "default" | "schemas" | "strings" | "doubles";
export const RECORDINGS: readonly Recording[] = ["default", "schemas", "strings", "doubles"];

interface Line {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | null;
}

/** The messages of one recorded table, in order. */
export function recorded(recording: Recording, table: string): readonly Line[] {
  const file = resolve(import.meta.dirname, `../../recordings/debezium/types-${recording}.jsonl.gz`);
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Line).filter(({ topic }) => topic.endsWith(`.${table}`));
}

export function recordOf({ key, value }: Line): RecordView {
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
  return { key: bytes(key), value: bytes(value), timestamp: 0 };
}

/** The recorded tables and what of them is copied. */
const TABLES: Readonly<
  Record<string, readonly [key: readonly string[], columns: Readonly<Record<string, string>>]>
> = {
  ri_default: [["id"], { id: "integer", a: "text", b: "integer" }],
  ri_full: [["id"], { id: "integer", a: "text", b: "integer" }],
  pk_multi: [["tenant", "id", "at"], { tenant: "text", id: "bigint", at: "timestamptz", v: "text" }],
  pk_uuid: [["id"], { id: "uuid", v: "numeric(10,2)" }],
  trunc_a: [["id"], { id: "integer", v: "text" }],
  ddl_change: [["id"], { id: "integer", v: "text", n: "bigint" }],
  toast_default: [
    ["id"],
    {
      ...{
        id: "integer",
        n: "integer",
        t: "text",
        b: "bytea",
        j: "jsonb",
        js: "json",
        ai: "integer[]",
        al: "bigint[]",
      },
      ...{ at: "text[]", au: "uuid[]" },
    },
  ],
  toast_notnull: [["id"], { id: "integer", n: "integer", t: "text", b: "bytea", j: "jsonb" }],
  types_all: [
    ["id"],
    {
      ...{ id: "bigint", label: "text", c_int2: "smallint", c_int4: "integer", c_int8: "bigint" },
      ...{ c_num10_2: "numeric(10,2)", c_num: "numeric", c_real: "real", c_double: "double precision" },
      ...{ c_bool: "boolean", c_text: "text", c_date: "date", c_ts: "timestamp", c_ts3: "timestamp(3)" },
      ...{
        c_tstz: "timestamptz",
        c_uuid: "uuid",
        c_json: "json",
        c_jsonb: "jsonb",
        c_enum: "text",
        a_int8: "bigint[]",
      },
      ...{
        a_text: "text[]",
        a_uuid: "uuid[]",
        a_bool: "boolean[]",
        a_num10_2: "numeric(10,2)[]",
        c_inet: "text",
      },
    },
  ],
};
export const TABLE_NAMES = Object.keys(TABLES);

export function streamOf(table: string, schema = "copies"): Stream {
  const [key, columns] = TABLES[table]!;
  return copyOf({ name: table, aliases: [], group: table, table: [schema, table], columns, key });
}

/** SQL that makes the copies' tables. */
export function createTables(schema = "copies"): string {
  const tables = Object.entries(TABLES).map(([table, [key, columns]]) => {
    const list = Object.entries(columns).map(([column, type]) => `"${column}" ${type}`);
    return `CREATE TABLE ${schema}.${table} (${list.join(", ")}, PRIMARY KEY (${key.join(", ")}));`;
  });
  return `CREATE SCHEMA ${schema}; ${tables.join("\n")}`;
}
