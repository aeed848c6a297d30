export interface Peeked {
  readonly snapshot: string;
  readonly part: number;
}

/** How the collector begins its `objects` messages; see `SnapshotComposer`. */
const HEAD =
  /^\{"type":"objects","schema":1,"snapshot":"([0-9a-f-]{36})","cluster":"(?:[^"\\]|\\.)*","part":([1-9]\d{0,14}),/;
const HEAD_BYTES = 1024;
const CLOSING_BRACE = 0x7d;

/**
 * Snapshot and part of an `objects` message, from its first bytes. Those messages are nearly all of the topic, half a
 * megabyte each, and decoding one means hashing every object in it. Null for anything that does not begin exactly like
 * this or was cut off: the stream's own decoding then has the word.
 */
export function peekObjects(value: Buffer | null): Peeked | null {
  if (value?.at(-1) !== CLOSING_BRACE) return null;
  // one byte a character: the only bytes the pattern cares for are ASCII, which UTF-8 never uses inside a character
  const match = HEAD.exec(value.toString("latin1", 0, HEAD_BYTES));
  return match === null ? null : { snapshot: match[1] ?? "", part: Number(match[2]) };
}
