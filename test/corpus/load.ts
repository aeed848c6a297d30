import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/**
 * The corpus of bad input: records that were made to break a consumer, with what must become of each. `manifest.json`
 * lists them. The value of a record is the file `values/<name>.bin` as it is; one too large for a file is described by
 * the parts it is made of; one that is more than a value (key, headers, time) is described in `records/<name>.json`.
 */
export interface CorpusRecord {
  readonly name: string;
  readonly about: string;
  readonly fate: "stored" | "dead-lettered";
  /** What the reason of a dead letter must match; null for a record that is stored. */
  readonly reason: RegExp | null;
  /** Who must refuse it: the stream, or PostgreSQL where only it can know. */
  readonly stage: "decode" | "write";
  /** The record that must come before this one, in the same partition. */
  readonly after: string | null;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: Buffer, value: Buffer | null])[];
  /** null: whenever it is produced. */
  readonly timestamp: bigint | null;
}

/** Stands in the bad records wherever a value stands; no reason, no log line may ever show it. */
export const CANARY = "CANARY-5f2c";

type Part =
  | string
  | { readonly repeat: string; readonly times: number }
  /** So many fields with names of their own. */
  | { readonly fields: number }
  /** As base64, packed. */
  | { readonly gzip: readonly Part[] };
type Bytes = null | string | { readonly base64: string } | { readonly parts: readonly Part[] };

interface Entry extends Pick<CorpusRecord, "name" | "about" | "fate"> {
  readonly reason?: string;
  readonly stage?: "write";
  readonly after?: string;
  readonly parts?: readonly Part[];
}

interface Shape {
  readonly key: Bytes;
  readonly value: Bytes;
  readonly headers?:
    readonly (readonly [Bytes, Bytes])[] | { readonly times: number; readonly value: string };
  readonly timestamp?: string;
}

const entries = JSON.parse(readFileSync(join(import.meta.dirname, "manifest.json"), "utf8")) as Entry[];

export const CORPUS_NAMES: readonly string[] = entries.map(({ name }) => name);

/** Every record of the corpus, in the manifest's order; made one by one, because some are large. */
export function* corpus(): Generator<CorpusRecord> {
  for (const entry of entries) yield corpusRecord(entry);
}

function corpusRecord(entry: Entry): CorpusRecord {
  const { name, about, fate, reason, stage = "decode", after = null } = entry;
  const shape = shapeOf(entry);
  const timestamp = shape.timestamp === undefined ? null : BigInt(shape.timestamp);
  return {
    ...{ name, about, fate, stage, after, timestamp },
    reason: reason === undefined ? null : new RegExp(reason),
    key: bytesOf(shape.key),
    value: bytesOf(shape.value),
    headers: headersOf(shape.headers ?? []),
  };
}

function shapeOf({ name, parts }: Entry): Shape {
  if (parts !== undefined) return { key: null, value: { parts } };
  const file = join(import.meta.dirname, "records", `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Shape;
  const value = readFileSync(join(import.meta.dirname, "values", `${name}.bin`));
  return { key: null, value: { base64: value.toString("base64") } };
}

function headersOf(headers: NonNullable<Shape["headers"]>): CorpusRecord["headers"] {
  if ("times" in headers) {
    return Array.from({ length: headers.times }, (_, n) => [
      Buffer.from(`h${n}`),
      Buffer.from(headers.value),
    ]);
  }
  return headers.map(([name, value]) => [bytesOf(name) ?? Buffer.alloc(0), bytesOf(value)]);
}

function bytesOf(bytes: Bytes): Buffer | null {
  if (bytes === null) return null;
  if (typeof bytes === "string") return Buffer.from(bytes);
  return "base64" in bytes ? Buffer.from(bytes.base64, "base64") : joined(bytes.parts);
}

function joined(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(textOf(part))));
}

function textOf(part: Part): string {
  if (typeof part === "string") return part;
  if ("repeat" in part) return part.repeat.repeat(part.times);
  if ("gzip" in part) return gzipSync(joined(part.gzip)).toString("base64");
  return Array.from({ length: part.fields }, (_, n) => `"f${n}":${n}`).join(",");
}
