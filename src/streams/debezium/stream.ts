import type { Json, JsonObject } from "../../core/json.ts";
import { CHANGE, type Decoded, type RecordView, type Stream } from "../define.ts";
import { rejected } from "../reading/rejected.ts";
import { columnOf, type Column } from "./column.ts";
import { readEnvelope, type Fields } from "./envelope.ts";

/** A table that Debezium watches, and the one that is to become its copy. */
export interface CopiedTable {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly group: string;
  readonly table: readonly [schema: string, table: string];
  /** The columns that are copied, with their types in PostgreSQL; others are left alone. */
  readonly columns: Readonly<Record<string, string>>;
  readonly key: readonly string[];
}

/**
 * Debezium's changes of one table, applied in order. A topic keeps them 30 days and is not compacted: of a row with
 * values out of line, the last change alone does not tell all.
 */
export function copyOf({ name, aliases, group, table, columns: types, key }: CopiedTable): Stream {
  const columns = Object.entries(types).map(([column, type]) => columnOf(column, type));
  return {
    name,
    aliases,
    topic: {
      name,
      partitions: 3,
      config: {
        "cleanup.policy": "delete",
        "retention.ms": String(30 * 24 * 3_600_000),
        "max.message.bytes": "10485760",
        "compression.type": "producer",
      },
    },
    group,
    target: {
      kind: "tables",
      tables: [
        {
          table,
          columns: Object.fromEntries(columns.map((column) => [column.name, column.travels])),
          identity: key,
          again: "change",
        },
      ],
    },
    decode: (record) => decode(record, columns, key),
  };
}

/** A tombstone is what Kafka needs to forget a key; the delete before it has said all. */
function decode(record: RecordView, columns: readonly Column[], key: readonly string[]): Decoded {
  if (record.value === null) return { kind: "tables", tables: [[]] };
  const change = readEnvelope(record.key, record.value);
  switch (change.kind) {
    case "rejected":
      return change;
    case "truncate":
      return { kind: "tables", tables: [[{ [CHANGE]: "truncate" }]] };
    case "delete": {
      const own = columns.filter(({ name }) => key.includes(name));
      return rowOf(change.key, change.fields, own, key, { [CHANGE]: "delete" });
    }
    case "row":
      return rowOf(change.row, change.fields, columns, key, {});
  }
}

function rowOf(
  said: JsonObject,
  fields: Fields,
  columns: readonly Column[],
  key: readonly string[],
  change: JsonObject,
): Decoded {
  const row: Record<string, Json> = { ...change };
  for (const { name, read, isUnavailable } of columns) {
    const value = said[name];
    if (value === undefined || value === null) {
      if (key.includes(name)) return rejected(`the column ${name} of the key is missing`);
      if (value === null) row[name] = null;
    } else if (!isUnavailable(value)) {
      const fitted = read(value, fields.get(name));
      if (fitted === undefined)
        return rejected(`the column ${name} has a value that its type cannot be read from`);
      row[name] = fitted;
    }
  }
  return { kind: "tables", tables: [[row]] };
}
