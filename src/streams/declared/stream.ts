import type { Stream, Table } from "../define.ts";
import type { Declaration, DeclaredTable } from "./declaration.ts";
import { compileDecode } from "./decode.ts";
import { compileIngest } from "./ingest.ts";

/** A stream that a file declares; `declared` is what the file says. */
export interface DeclaredStream extends Stream {
  readonly declared: Declaration;
}

export function toStream(declaration: Declaration): DeclaredStream {
  const { name, topic, group, tables, key } = declaration;
  const decode = compileDecode(declaration);
  return {
    name,
    topic,
    group,
    target: { kind: "tables", tables: tables.map(toTable) },
    decode,
    ...(key === null ? {} : { ingest: compileIngest(declaration, key, decode) }),
    declared: declaration,
  };
}

function toTable({ table, columns, identity, again }: DeclaredTable): Table {
  return {
    table,
    columns: Object.fromEntries(columns.map(({ name, type }) => [name, type.travels])),
    identity,
    again,
  };
}

export function isDeclared(stream: Stream): stream is DeclaredStream {
  return "declared" in stream;
}
