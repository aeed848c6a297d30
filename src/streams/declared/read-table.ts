import type { DeclaredColumn, DeclaredTable, When } from "./declaration.ts";
import { isForeignSchema, isSqlName, SQL_NAME_WANTED } from "./names.ts";
import { readColumn, readPath } from "./read-column.ts";
import { given, type Value } from "./value.ts";

const KEYS = ["table", "columns", "identity", "again", "when"] as const;
/** PostgreSQL's own limit on the columns of an index, and what one statement's parameters allow with room. */
const MAX_IDENTITY = 32;
const MAX_COLUMNS = 1000;

/** One table of a declared stream; null when something about it is wrong. */
export function readTable(value: Value): DeclaredTable | null {
  const fields = value.fields(KEYS, ["table", "columns", "identity"]) ?? {};
  const table = given(fields.table, null, readName);
  const identity = given(fields.identity, null, readIdentity);
  const columns = given(fields.columns, null, (one) => readColumns(one, identity ?? []));
  const again = given(fields.again, "keep", (one) => one.word(["keep", "replace"]));
  const when = given(fields.when, null, readWhen);
  checkIdentity(identity ?? [], fields.columns?.keys ?? [], fields.identity);
  if (table === null || identity === null || columns === null || again === null) return null;
  return { table, columns, identity, again, when, line: value.line };
}

function readColumns(value: Value, identity: readonly string[]): readonly DeclaredColumn[] | null {
  const entries = value.entries("a map of columns");
  if (entries === null) return null;
  if (entries.length === 0 || entries.length > MAX_COLUMNS)
    return value.fault(`has ${entries.length} columns; wanted are 1 to ${MAX_COLUMNS}`);
  const columns = entries.map((entry) => readColumn(entry.name, entry.value, identity));
  const sound = columns.filter((column) => column !== null);
  return sound.length === columns.length ? sound : null;
}

function checkIdentity(names: readonly string[], columns: readonly string[], value?: Value): void {
  for (const name of columns.length === 0 ? [] : names)
    if (!columns.includes(name)) value?.fault(`names ${name}, which is no column of the table`);
}

function readName(value: Value): DeclaredTable["table"] | null {
  const text = value.text(`a table or schema.table, each ${SQL_NAME_WANTED}`, (name) => {
    const parts = name.split(".");
    return parts.length <= 2 && parts.every(isSqlName);
  });
  if (text === null) return null;
  const [first = "", second] = text.split(".");
  const schema = second === undefined ? "public" : first;
  if (isForeignSchema(schema))
    return value.fault(`is in schema ${schema}, which is not for streams of your own`);
  return [schema, second ?? first];
}

function readIdentity(value: Value): readonly string[] | null {
  const items = value.items("a list of columns that make two rows the same fact");
  if (items === null) return null;
  const names = items.map((item) => item.text("the name of a column"));
  const known = names.filter((name) => name !== null);
  if (new Set(known).size < known.length) return value.fault("names a column twice");
  if (known.length > MAX_IDENTITY)
    return value.fault(`has ${known.length} columns; wanted are at most ${MAX_IDENTITY}`);
  return known.length === names.length ? known : null;
}

function readWhen(value: Value): When | null {
  const fields = value.fields(["path", "equals"], ["path", "equals"]);
  const path = fields?.path === undefined ? null : readPath(fields.path);
  const equals = fields?.equals === undefined ? null : readEquals(fields.equals);
  return path === null || equals === null ? null : { path: path.text, steps: path.steps, equals };
}

function readEquals(value: Value): When["equals"] | null {
  const wanted = "a text, a number, true or false, or a list of them";
  const items = value.isList ? value.items(wanted) : [value];
  const scalars = items?.map((item) => item.scalar(wanted)) ?? [];
  const known = scalars.filter((scalar) => scalar !== null);
  return items !== null && known.length === scalars.length ? known : null;
}
