import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A record as bytes on the wire: what kafkajs's own producer cannot say (null headers, odd names, any timestamp). */
export interface RawMessage {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: Buffer, value: Buffer | null])[];
  readonly timestamp: bigint;
}

/** Sends records to the one broker in order, one batch each, by a Produce request of version 3. */
export async function produceRaw(
  [broker]: readonly string[],
  topic: string,
  messages: readonly RawMessage[],
): Promise<void> {
  const at = (broker ?? "").lastIndexOf(":");
  const socket = connect(Number(broker?.slice(at + 1)), broker?.slice(0, at));
  await once(socket, "connect");
  try {
    for (const message of messages) {
      socket.write(sized(produceRequest(topic, message)));
      const error = errorOf(await answerOf(socket));
      if (error !== 0) throw new Error(`Kafka refuses the record with error ${error}`);
    }
  } finally {
    socket.destroy();
  }
}

async function answerOf(socket: Socket): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < 4 || bytes.length < 4 + bytes.readInt32BE(0)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
  }
  return bytes.subarray(4);
}

/** Correlation, one topic with its name, one partition, and then the error. */
function errorOf(answer: Buffer): number {
  return answer.readInt16BE(4 + 4 + 2 + answer.readInt16BE(8) + 4 + 4);
}

function produceRequest(topic: string, message: RawMessage): Buffer {
  const records = recordBatch(message);
  return Buffer.concat([
    ...[int16(0), int16(3), int32(1), text("test")], // Produce, version, correlation, client
    ...[int16(-1), int16(-1), int32(10_000)], // no transaction, all replicas, time-out
    ...[int32(1), text(topic), int32(1), int32(message.partition), int32(records.length), records],
  ]);
}

function recordBatch(message: RawMessage): Buffer {
  const body = record(message);
  const checked = Buffer.concat([
    ...[int16(0), int32(0), int64(message.timestamp), int64(message.timestamp)],
    ...[int64(-1n), int16(-1), int32(-1), int32(1)], // no producer id; one record
    ...[varint(body.length), body],
  ]);
  const rest = Buffer.concat([int32(-1), Buffer.from([2]), int32(crc32c(checked)), checked]);
  return Buffer.concat([int64(0n), int32(rest.length), rest]);
}

function record({ key, value, headers }: RawMessage): Buffer {
  return Buffer.concat([
    ...[Buffer.from([0]), varint(0), varint(0), bytes(key), bytes(value)],
    varint(headers.length),
    ...headers.flatMap(([name, content]) => [bytes(name), bytes(content)]),
  ]);
}

function bytes(content: Buffer | null): Buffer {
  return content === null ? varint(-1) : Buffer.concat([varint(content.length), content]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128);
  return Buffer.from([...out, rest]);
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value | 0);
  return buffer;
}

function int64(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer;
}

function text(content: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(content)), Buffer.from(content)]);
}

function sized(content: Buffer): Buffer {
  return Buffer.concat([int32(content.length), content]);
}

const CRC_TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function crc32c(content: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of content) crc = (CRC_TABLE[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  return ~crc;
}
