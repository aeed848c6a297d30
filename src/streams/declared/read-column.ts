import type { Json } from "../../core/json.ts";
import { nearestType, parseType, TYPE_NAMES, type ColumnType } from "./column-type.ts";
import type { DeclaredColumn, Source } from "./declaration.ts";
import { since1970, type Fit } from "./fit.ts";
import { parsePath, PATH_WANTED } from "./json-path.ts";
import { isColumnName, SQL_NAME_WANTED } from "./names.ts";
import { given, type Value } from "./value.ts";

const KEYS = ["type", "path", "from", "unit", "required", "default"] as const;
const UNITS = { ms: { ms: 1, word: "milliseconds" }, s: { ms: 1000, word: "seconds" } } as const;
const ZONED = "timestamp with time zone";
const PLACES = ["key", "timestamp", "offset", "partition", "topic"] as const;

/** One column of a declared table; null when something about it is wrong. */
export function readColumn(name: string, value: Value, identity: readonly string[]): DeclaredColumn | null {
  const fields = value.fields(KEYS, ["type"]) ?? {};
  if (!isColumnName(name)) value.fault(`is no name of a column; wanted is ${SQL_NAME_WANTED}`);
  const type = given(fields.type, null, readType);
  const source = readSource(value, fields.path, fields.from);
  const isRequired = readRequired(fields.required, identity.includes(name));
  if (type === null || source === null) return null;
  const how =
    source.kind === "timestamp"
      ? kafkaTime(type, value)
      : given(fields.unit, type, (one) => inUnit(one, type));
  const fallback = given(fields.default, null, (one) =>
    readDefault(one, how, fields.required !== undefined && isRequired),
  );
  const { fit, wanted } = how;
  return { name, type, source, fit, wanted, isRequired: isRequired && fallback === null, fallback };
}

function readRequired(value: Value | undefined, isIdentity: boolean): boolean {
  if (value === undefined) return isIdentity;
  const said = value.flag();
  if (said === false && isIdentity) value.fault("is false, but a column of the identity cannot be left out");
  return said === true || isIdentity;
}

function readType(value: Value): ColumnType | null {
  const text = value.text(`one of ${TYPE_NAMES.join(", ")}`);
  if (text === null) return null;
  const type = parseType(text);
  if (type !== null) return type;
  const nearest = nearestType(text);
  const advice = nearest === null ? "" : `did you mean ${nearest}? `;
  return value.fault(
    `is no type: ${text}; ${advice}allowed are ${TYPE_NAMES.join(", ")}, and most of them with []`,
  );
}

function readSource(column: Value, path: Value | undefined, from: Value | undefined): Source | null {
  if (path !== undefined && from !== undefined)
    return column.fault("has both path and from; keep one of them");
  if (path !== undefined) return readPath(path);
  if (from !== undefined) return readPlace(from);
  return column.fault("has neither path nor from: where does its value come from?");
}

export function readPath(value: Value): Extract<Source, { kind: "path" }> | null {
  const text = value.text(PATH_WANTED, (path) => parsePath(path) !== null);
  return text === null ? null : { kind: "path", text, steps: parsePath(text) ?? [] };
}

function readPlace(value: Value): Source | null {
  const wanted = `${PLACES.join(", ")} or header:NAME`;
  const text = value.text(wanted, (word) => /^header:./.test(word) || PLACES.some((place) => place === word));
  if (text === null) return null;
  const kind = PLACES.find((place) => place === text);
  return kind === undefined ? { kind: "header", name: text.slice("header:".length) } : { kind };
}

interface How {
  readonly fit: Fit;
  readonly wanted: string;
}

function inUnit(value: Value, type: ColumnType): How {
  const unit = value.word(["ms", "s"]);
  if (type.name === ZONED) return unit === null ? type : since(unit);
  value.fault("is for columns of type timestamptz");
  return type;
}

function since(unit: keyof typeof UNITS): How {
  return { fit: since1970(UNITS[unit].ms), wanted: `${UNITS[unit].word} since 1970` };
}

/** Kafka's own time of a record is a number of milliseconds. */
function kafkaTime(type: ColumnType, value: Value): How {
  if (type.name === ZONED) return since("ms");
  if (type.name !== "bigint") value.fault("is the record's timestamp; wanted is type timestamptz or bigint");
  return type;
}

function readDefault(value: Value, how: How, isRequired: boolean): Json {
  if (isRequired) value.fault("is the default of a required column; keep one of the two");
  const said = value.scalar(how.wanted);
  if (said === null) return null;
  return how.fit(said) ?? value.fault(`does not fit; wanted is ${how.wanted}`);
}
