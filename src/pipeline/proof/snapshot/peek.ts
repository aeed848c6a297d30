import type { RecordView } from "../../../streams/define.ts";

export interface Peeked {
  readonly snapshot: string;
  readonly part: number;
}

/** How the collector begins its `objects` messages, see `SnapshotComposer`; only with a cluster id in plain ASCII. */
const HEAD =
  /^\{"type":"objects","schema":1,"snapshot":"([0-9a-f-]{36})","cluster":"([ !#-[\]-~]+)","part":([1-9]\d{0,14}),/;
const HEAD_BYTES = 1024;
const CLOSING_BRACE = 0x7d;

/**
 * Snapshot and part of an `objects` message, from its first bytes. Those messages are nearly all of the topic, half a
 * megabyte each, and decoding one means hashing every object in it. Null for anything that does not begin exactly like
 * this, was cut off or has another cluster's key: the stream's own decoding then has the word.
 */
export function peekObjects({ key, value }: RecordView): Peeked | null {
  if (value?.at(-1) !== CLOSING_BRACE) return null;
  // one byte a character, so that nothing is decoded: the pattern lets only ASCII pass
  const match = HEAD.exec(value.toString("latin1", 0, HEAD_BYTES));
  if (match === null) return null;
  const [, snapshot = "", cluster = "", part] = match;
  const isForeign = key !== null && key.length > 0 && key.toString("latin1") !== cluster;
  return isForeign ? null : { snapshot, part: Number(part) };
}
