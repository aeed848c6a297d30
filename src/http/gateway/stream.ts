import { errorAnswer, type Answer } from "./answer.ts";
import { readDocument } from "./event-document.ts";
import { linesOf, type Line } from "./lines.ts";
import { faultyRecord, recordOf, tooLong, type PostedRecord } from "./record.ts";
import type { Limits } from "./settings.ts";
import { takeRecords, type Taking } from "./take.ts";
import { Tally } from "./tally.ts";

/**
 * Takes events while their lines arrive, a chunk at a time and one chunk after the other: the client is read no faster
 * than the intake takes, and the order stays. Ends with the first event that finds no place; what was not read then
 * has no result.
 */
export async function takeStream(
  stream: AsyncIterable<Buffer>,
  taking: Taking,
  limits: Limits,
): Promise<Answer> {
  const { eventBytes: lineBytes, streamBytes } = limits;
  const lines = linesOf(stream, { lineBytes, streamBytes });
  try {
    return await takeLines(lines, taking, limits);
  } finally {
    // lets go of the stream, which as long as somebody reads it cannot be let run out
    await lines.return("whole");
  }
}

async function takeLines(lines: Lines, taking: Taking, limits: Limits): Promise<Answer> {
  const { eventBytes, streamEvents } = limits;
  const tally = new Tally();
  const chunk = new Chunk(limits);
  let index = 0;
  let next = await lines.next();
  for (; next.done !== true && index < streamEvents && !tally.isUnavailable; next = await lines.next()) {
    chunk.add(recordOfLine(next.value, index, eventBytes), next.value.bytes?.length ?? 0);
    index += 1;
    if (chunk.isFull) await takeRecords(chunk.drain(), tally, taking);
  }
  if (!tally.isUnavailable) await takeRecords(chunk.drain(), tally, taking);
  return tally.answer(taking.by, tally.isUnavailable ? null : cutOf(next, limits));
}

type Lines = ReturnType<typeof linesOf>;

/** Why not everything was read; null when it was. */
function cutOf(
  next: IteratorResult<Line, "whole" | "too long">,
  { streamEvents, streamBytes }: Limits,
): Answer | null {
  if (next.done !== true) return cut(`at most ${streamEvents} events`);
  return next.value === "too long" ? cut(`at most ${streamBytes} bytes`) : null;
}

function cut(limit: string): Answer {
  const message = `${limit} are taken in one stream: post what has no result again, in another`;
  return errorAnswer(413, { code: "too_large", message });
}

function recordOfLine({ number, bytes }: Line, index: number, maxBytes: number): PostedRecord {
  const place = { index, line: number };
  if (bytes === null) return faultyRecord(place, tooLong(maxBytes));
  const document = readDocument(bytes);
  return document.kind === "fault"
    ? faultyRecord(place, `the event ${document.reason}`)
    : recordOf(document.value, document.text, place, maxBytes);
}

/** Records that go to the intake together. */
class Chunk {
  readonly #limits: Limits;
  #records: PostedRecord[] = [];
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#records.length >= this.#limits.streamChunk || this.#bytes >= this.#limits.bodyBytes / 2;
  }

  add(record: PostedRecord, bytes: number): void {
    this.#records.push(record);
    this.#bytes += bytes;
  }

  drain(): readonly PostedRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    return records;
  }
}
