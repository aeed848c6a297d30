import type { Decoded, Ingested, IngestPart, Stream } from "../define.ts";
import type { Declaration, DeclaredTable, Source } from "./declaration.ts";
import { exactText, mayBeRounded, parseExact } from "../../core/exact-json.ts";
import { compilePath } from "./json-path.ts";

/** An event is checked as the consumer will check it, its message is the event itself. */
export function compileIngest(
  declaration: Declaration,
  key: NonNullable<Declaration["key"]>,
  decode: Stream["decode"],
): IngestPart {
  const takeKey = compilePath(key.steps);
  const { tables, topic } = declaration;
  return {
    onlyThroughKafka: onlyThroughKafka(tables),
    toMessage(event, text, at): Ingested {
      const found = keyText(takeKey(mayBeRounded(text) ? parseExact(text) : event));
      if (found === null)
        return { kind: "fault", field: key.text, reason: "is missing, or neither text nor number" };
      const value = Buffer.from(text);
      // where it will lie is not known yet; that it has a place is
      const place = { topic: topic.name, partition: 0, offset: 0n };
      const decoded = decode({
        key: Buffer.from(found),
        value,
        timestamp: Date.parse(at),
        headers: [],
        ...place,
      });
      if (decoded.kind === "rejected") return { kind: "fault", field: null, reason: decoded.reason };
      const message = { key: found, headers: {}, value: text };
      return { kind: "message", id: identityOf(tables, decoded) ?? found, message };
    },
  };
}

function keyText(found: unknown): string | null {
  if (typeof found === "string") return found === "" ? null : found;
  // a number of many digits is an object with the digits as they were written
  const text = found === undefined || found === null ? "" : exactText(found);
  return /^-?\d/.test(text) ? text : null;
}

/** What makes the event the same one when it comes again, as the table has it; null when nothing was to be stored. */
function identityOf(tables: readonly DeclaredTable[], decoded: Decoded): string | null {
  if (decoded.kind !== "tables") return null;
  const at = decoded.tables.findIndex((rows) => rows.length > 0);
  const values = tables[at]?.identity.map((column) => decoded.tables[at]?.[0]?.[column] ?? null) ?? [];
  if (values.length === 0) return null;
  return values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("/");
}

const OF_KAFKA: readonly Source["kind"][] = ["offset", "partition", "timestamp"];

/** Stored twice by a second try, or not at all, is what would become of such events. */
function onlyThroughKafka(tables: readonly DeclaredTable[]): string | null {
  for (const { table, columns, identity } of tables) {
    const name = table.join(".");
    if (identity.length === 0) return `has no identity in table ${name}`;
    const column = columns.find(
      ({ source, isRequired, ...one }) =>
        OF_KAFKA.includes(source.kind) &&
        (identity.includes(one.name) || (isRequired && source.kind !== "timestamp")),
    );
    if (column !== undefined)
      return `takes column ${column.name} of table ${name} from where a record lies in Kafka`;
  }
  return null;
}
