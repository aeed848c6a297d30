import { resolve } from "node:path";

interface EventStreams {
  readonly eventOf: (n: number) => object;
  /** DDL by the name of the stream. */
  readonly TABLES: Readonly<Record<"append", string>>;
}

/** Plain JavaScript, which processes of the built program load. */
export const STREAMS_FILE = resolve(import.meta.dirname, "../support/event-streams.mjs");

export const { eventOf, TABLES } = (await import(STREAMS_FILE)) as EventStreams;
