import { once } from "node:events";
import { createWriteStream, existsSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import type { OutgoingMessage } from "../../src/streams/define.ts";
import { readEvent } from "../../src/streams/quiz/event.ts";
import { rowsOf, TABLES } from "../../src/streams/quiz/tables.ts";
import { createTopic, produce } from "../../test/support/produce.ts";
import { testTopicName } from "../../test/support/servers.ts";
import type { Store } from "../measure/store.ts";
import { events, messageOf, RECEIVED_AT } from "./events.ts";

/** Their names, in the stream's order. */
export const NAMES = TABLES.map(({ table }) => table.join("."));
const PARTITIONS = 3;
const SLICE = 5000;

/** A topic with the events, in the partitions of their sessions. */
export async function quizTopic(count: number): Promise<string> {
  const topic = testTopicName("bench-quiz");
  await createTopic(inject("brokers"), topic, PARTITIONS);
  let slice: OutgoingMessage[] = [];
  const send = async (): Promise<void> => {
    await produce(inject("brokers"), topic, slice);
    slice = [];
  };
  for (const event of events(count)) if (slice.push(messageOf(event)) === SLICE) await send();
  await send();
  return topic;
}

/** The same rows as a file for each table, in the text form of COPY; made once. */
export async function quizFiles(store: Store, count: number): Promise<string[]> {
  const paths = NAMES.map((name) => join(inject("dataDir"), `${name}-${count}.tsv`));
  if (paths.every((path) => existsSync(path))) return paths;
  const columns = await Promise.all(NAMES.map((name) => columnsOf(store, name)));
  const files = paths.map((path) => createWriteStream(path));
  for (const event of events(count))
    for (const [table, rows] of rowsOfEvent(event).entries())
      for (const row of rows) await write(files[table]!, lineOf(row, columns[table]!));
  for (const file of files) file.end();
  await Promise.all(files.map((file) => once(file, "finish")));
  return paths;
}

async function columnsOf(store: Store, table: string): Promise<readonly string[]> {
  const rows = await store.query<{ attname: string }[]>(
    `SELECT attname FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0 ORDER BY attnum`,
  );
  return rows.map(({ attname }) => attname);
}

function rowsOfEvent(event: JsonObject): ReturnType<typeof rowsOf> {
  const read = readEvent(event);
  if (read.kind === "fault") throw new Error(`the generator's ${read.field} ${read.reason}`);
  return rowsOf(read.event, RECEIVED_AT);
}

/** None of the values is an object, or holds a tab, a line end or a backslash. */
function lineOf(row: JsonObject, columns: readonly string[]): string {
  const values = columns.map((name) => (row[name] ?? "\\N") as string | number);
  return `${values.join("\t")}\n`;
}

async function write(file: WriteStream, line: string): Promise<void> {
  if (!file.write(line)) await once(file, "drain");
}
