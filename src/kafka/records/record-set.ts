import { lookupCodecByAttributes } from "kafkajs/src/protocol/message/compression/index.js";
import { ClusterflowError } from "../../core/errors.ts";
import { narrow } from "../../core/narrow.ts";
import { FetchedRecord, type BatchContext, type RecordLayout } from "./fetched-record.ts";
import { Varints } from "./varints.ts";

/** Places in the header of a record batch (KIP-98; the page "Message Format" of Kafka's documentation). */
const AT = {
  length: 8,
  magic: 16,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const;
/** What `length` does not count: the first offset and the length itself. */
const BEFORE_LENGTH_ENDS = 12;
const CODEC = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** What kafkajs takes for a message of a transaction: it mistakes a key of four zero bytes for the marker that ends one. */
interface InTransaction {
  readonly offset: bigint;
  readonly key: null;
  readonly isControlRecord: false;
  readonly batchContext: BatchContext;
  readonly record: FetchedRecord;
}

export type FetchedMessage = FetchedRecord | InTransaction;

/** Whether bytes hold record batches of the format that Kafka has had since 0.11. */
export function isRecordSet(bytes: Buffer): boolean {
  return bytes[AT.magic] === 2;
}

/**
 * Reads the record batches of one partition's answer, the last one of which may have been cut off. Where a batch
 * covers offsets behind its last record, which compaction leaves so, a marker stands for the last one: the position
 * has to follow. Throws `wrong` when a batch is damaged or compressed by something unknown.
 */
export async function decodeRecordSet(bytes: Buffer): Promise<FetchedMessage[]> {
  const messages: FetchedMessage[] = [];
  for (let at = 0; at + AT.records <= bytes.length;) {
    const end = at + BEFORE_LENGTH_ENDS + bytes.readInt32BE(at + AT.length);
    if (end > bytes.length) break;
    const header = bytes.subarray(at, at + AT.records);
    const packed = bytes.subarray(at + AT.records, end);
    try {
      const codec = codecOf(header.readInt16BE(AT.attributes));
      decodeBatch(header, codec === null ? packed : await codec.decompress(packed), messages);
    } catch (error) {
      throw damaged(header.readBigInt64BE(0), error);
    }
    at = end;
  }
  return messages;
}

function codecOf(attributes: number): ReturnType<typeof lookupCodecByAttributes> {
  const codec = lookupCodecByAttributes(attributes);
  if (codec !== null || (attributes & CODEC) === 0) return codec;
  throw new RangeError(`it says codec ${attributes & CODEC}, which nobody knows`);
}

function decodeBatch(header: Buffer, bytes: Buffer, messages: FetchedMessage[]): void {
  const context = contextOf(header);
  const cursor = new Varints(bytes, 0);
  let last = -1;
  for (let left = header.readInt32BE(AT.count); left > 0; left -= 1) {
    const layout = layoutOf(cursor);
    last = layout.offsetDelta;
    messages.push(asMessage(new FetchedRecord(context, bytes, layout)));
  }
  const lastOffsetDelta = header.readInt32BE(AT.lastOffsetDelta);
  if (lastOffsetDelta > last) messages.push(gapUpTo(lastOffsetDelta, context));
}

function contextOf(header: Buffer): BatchContext {
  const attributes = header.readInt16BE(AT.attributes);
  return {
    producerId: header.readBigInt64BE(AT.producerId).toString(),
    inTransaction: (attributes & TRANSACTIONAL) > 0,
    isControlBatch: (attributes & CONTROL) > 0,
    firstOffset: header.readBigInt64BE(0),
    firstTimestamp: narrow(header.readBigInt64BE(AT.firstTimestamp)),
    appendedAt: (attributes & LOG_APPEND_TIME) > 0 ? narrow(header.readBigInt64BE(AT.maxTimestamp)) : null,
    topic: "",
    partition: -1,
  };
}

function layoutOf(cursor: Varints): RecordLayout {
  const length = cursor.int();
  const end = cursor.at + length;
  const from = cursor.at;
  cursor.at += 1; // attributes, which no version of Kafka uses
  const timestampDelta = cursor.long();
  const offsetDelta = cursor.int();
  const keyLength = cursor.int();
  const keyAt = cursor.at;
  cursor.at += Math.max(0, keyLength);
  const valueLength = cursor.int();
  const valueAt = cursor.at;
  const headersAt = valueAt + Math.max(0, valueLength);
  if (length < 0 || headersAt >= end || end > cursor.bytes.length) {
    throw new RangeError("a record reaches beyond its end");
  }
  cursor.at = end;
  const size = end - from;
  return { offsetDelta, timestampDelta, keyAt, keyLength, valueAt, valueLength, headersAt, size };
}

/** Nothing that a reader could do helps: nobody knows what stood there. */
function damaged(offset: bigint, cause: unknown): ClusterflowError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ClusterflowError(`the record batch from offset ${offset} on is damaged: ${why}`, {
    code: "wrong",
    hint: "kafka-dump-log.sh --deep-iteration --files SEGMENT on each broker shows which replica is; a healthy one must lead",
    cause,
  });
}

function asMessage(record: FetchedRecord): FetchedMessage {
  const { batchContext, isControlRecord, offset } = record;
  if (!batchContext.inTransaction || isControlRecord) return record;
  return { offset, key: null, isControlRecord: false, batchContext, record };
}

/** An offset without a record. */
function gapUpTo(offsetDelta: number, context: BatchContext): FetchedRecord {
  const nothing = { timestampDelta: 0, keyAt: 0, valueAt: 0, headersAt: 0, size: 0 };
  const marker = { ...context, isControlBatch: true, inTransaction: false };
  return new FetchedRecord(marker, NO_BYTES, { ...nothing, offsetDelta, keyLength: -1, valueLength: -1 });
}

const NO_BYTES = Buffer.alloc(0);
