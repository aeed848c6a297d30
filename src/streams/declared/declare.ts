import { LineCounter, parseDocument, type YAMLError, type YAMLWarning } from "yaml";
import { STREAMS } from "../index.ts";
import type { Declaration, DeclaredTable } from "./declaration.ts";
import { isTooDeep } from "./depth.ts";
import type { Fault } from "./faults.ts";
import { isStreamName, isTopicName, STREAM_NAME_WANTED, TOPIC_NAME_WANTED } from "./names.ts";
import { readPath } from "./read-column.ts";
import { readTable } from "./read-table.ts";
import { readTopic } from "./read-topic.ts";
import { given, Value, type Reading } from "./value.ts";

export type Declared =
  | { readonly kind: "declared"; readonly streams: readonly Declaration[] }
  | { readonly kind: "faulty"; readonly faults: readonly Fault[] };

const KEYS = ["name", "topic", "group", "key", "tables", "unmatched"] as const;

/** Reads the text of a file of streams, YAML or JSON: all of them, or everything that is wrong. */
export function declare(file: string, text: string): Declared {
  const reading: Reading = { lines: new LineCounter(), faults: [] };
  const root = readRoot(text, reading);
  const streams = root === null ? [] : readStreams(root, file);
  if (reading.faults.length > 0) return { kind: "faulty", faults: reading.faults };
  return { kind: "declared", streams };
}

function readRoot(text: string, { lines, faults }: Reading): Value | null {
  if (isTooDeep(text)) {
    faults.push({ line: 1, column: 1, path: "", sentence: "has values too deep in each other" });
    return null;
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    schema: "core",
    version: "1.2",
    logLevel: "error",
  });
  for (const error of [...document.errors, ...document.warnings]) faults.push(syntaxFault(error, lines));
  return faults.length > 0 ? null : new Value(document.contents, "", 0, { lines, faults });
}

function syntaxFault({ code, message, pos }: YAMLError | YAMLWarning, lines: LineCounter): Fault {
  const { line, col } = lines.linePos(pos[0]);
  return {
    line,
    column: col,
    path: "",
    sentence: SYNTAX[code] ?? `is no YAML: ${message.split("\n")[0] ?? ""}`,
  };
}

const SYNTAX: Partial<Record<YAMLError["code"], string>> = {
  DUPLICATE_KEY: "this key stands twice in its map",
  TAB_AS_INDENT: "a tab stands here, where YAML takes spaces only",
  MULTIPLE_DOCS: "a second document begins here, and a file holds one",
  NON_STRING_KEY: "this key is no text",
};

function readStreams(root: Value, file: string): readonly Declaration[] {
  const fields = root.fields(["version", "streams"], ["version", "streams"]);
  const version = fields?.version?.whole(1, 1);
  const items = fields?.streams?.items("a list of streams") ?? [];
  if (version === null) return [];
  const seen = new Seen();
  return items.map((item) => readStream(item, file, seen)).filter((stream) => stream !== null);
}

/** Names that are taken, by whom. */
class Seen {
  readonly #taken = new Map<string, string>();

  constructor() {
    for (const { name, aliases = [], group, target } of STREAMS) {
      for (const one of [name, ...aliases]) this.#taken.set(`stream ${one}`, "by clusterflow itself");
      this.#taken.set(`group ${group}`, `by stream ${name} of clusterflow`);
      if (target.kind !== "tables") continue;
      for (const { table } of target.tables)
        this.#taken.set(`table ${table.join(".")}`, `by stream ${name} of clusterflow`);
    }
  }

  /** A name that is taken is one fault, though the group's default is made of it. */
  takeNames(name: string, group: string, value: Value, groupValue?: Value): void {
    const isFree = this.take(`stream ${name}`, value);
    if (isFree || groupValue !== undefined) this.take(`group ${group}`, groupValue ?? value);
  }

  /** False when somebody has it already, which is then a fault. */
  take(what: string, value: Value): boolean {
    const before = this.#taken.get(what);
    if (before === undefined) this.#taken.set(what, `in line ${value.line}`);
    else value.fault(`is taken: ${what} is used ${before}`);
    return before === undefined;
  }
}

function readStream(value: Value, file: string, seen: Seen): Declaration | null {
  const fields = value.fields(KEYS, ["name", "topic", "tables"]) ?? {};
  const name = given(fields.name, null, (one) => one.text(STREAM_NAME_WANTED, isStreamName));
  const topic = given(fields.topic, null, readTopic);
  const group = given(fields.group, `${name ?? ""}-consumer`, readGroup);
  const key = given(fields.key, null, readPath);
  const tables = given(fields.tables, [], (one) => readTables(one, seen));
  const unmatched = given(fields.unmatched, "reject", (one) => one.word(["reject", "skip"]));
  if (name === null || topic === null || group === null || unmatched === null) return null;
  seen.takeNames(name, group, fields.name ?? value, fields.group);
  return { file, line: value.line, name, topic, group, key, tables, unmatched };
}

function readGroup(value: Value): string | null {
  return value.text(`a group's name, ${TOPIC_NAME_WANTED}`, isTopicName);
}

function readTables(value: Value, seen: Seen): readonly DeclaredTable[] {
  const items = value.items("a list of tables") ?? [];
  return items.flatMap((item) => {
    const table = readTable(item);
    if (table === null) return [];
    seen.take(`table ${table.table.join(".")}`, item);
    return [table];
  });
}
