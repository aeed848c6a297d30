import type { Json } from "../../core/json.ts";
import type { Table, TopicProfile } from "../define.ts";
import type { ColumnType } from "./column-type.ts";
import type { Fit } from "./fit.ts";
import type { Step } from "./json-path.ts";

/** Where a column's value comes from. */
export type Source =
  | { readonly kind: "path"; readonly text: string; readonly steps: readonly Step[] }
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "key" | "timestamp" | "offset" | "partition" | "topic" };

export interface DeclaredColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly source: Source;
  /** How a value is brought to the type: the type's own way, or that of a unit. */
  readonly fit: Fit;
  /** What a value has to be, in words. */
  readonly wanted: string;
  /** A record without a value for it is rejected. */
  readonly isRequired: boolean;
  /** What counts where there is no value; null is NULL. */
  readonly fallback: Json;
}

/** Only records with one of these values at the path go into the table. */
export interface When {
  readonly path: string;
  readonly steps: readonly Step[];
  readonly equals: readonly (string | number | boolean)[];
}

export interface DeclaredTable {
  readonly table: readonly [schema: string, table: string];
  readonly columns: readonly DeclaredColumn[];
  readonly identity: readonly string[];
  readonly again: Table["again"];
  readonly when: When | null;
  readonly line: number;
}

/** A stream as a file declares it. */
export interface Declaration {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly topic: TopicProfile;
  readonly group: string;
  /** Where producers find a message's key in its value; null leaves messages without one. */
  readonly key: { readonly text: string; readonly steps: readonly Step[] } | null;
  readonly tables: readonly DeclaredTable[];
  /** What becomes of a record that no table takes. */
  readonly unmatched: "reject" | "skip";
}

export function sourceText(source: Source): string {
  if (source.kind === "path") return source.text;
  return source.kind === "header" ? `header:${source.name}` : source.kind;
}
