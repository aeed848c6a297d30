import { isUtf8 } from "node:buffer";
import type { KafkaMessage } from "kafkajs";
import Decoder from "kafkajs/src/protocol/decoder.js";
import type { Header } from "../pipeline/ports.ts";

/**
 * kafkajs 2.2.4 makes one object of a record's headers: their order is lost, names that are not UTF-8 are changed, a
 * header called `constructor` gets a second value that nobody sent, and every header copies those before it, so that a
 * record of 1 MB with 100,000 of them stops the process for minutes. Here they stay the pairs that they are.
 * `record/v0/decoder.js` is the only caller of this method, and reduces what it returns.
 */
export function patchHeaders(): void {
  Decoder.prototype.readVarIntArray = function (): { reduce(): readonly Header[] } {
    const headers = readHeaders(this);
    return { reduce: () => headers };
  };
}

const NO_HEADERS: readonly Header[] = [];

/** The headers of a message that the patched kafkajs read. */
export function headersOf({ headers }: Pick<KafkaMessage, "headers">): readonly Header[] {
  return Array.isArray(headers) ? (headers as readonly Header[]) : NO_HEADERS;
}

function readHeaders(decoder: Decoder): readonly Header[] {
  const count = decoder.readVarInt();
  if (count <= 0) return NO_HEADERS;
  const headers: Header[] = [];
  // each has two bytes at least: a number that lies cannot make us go on behind the end
  for (let left = count; left > 0 && decoder.offset < decoder.buffer.length; left -= 1) {
    const name = decoder.readVarIntBytes() ?? Buffer.alloc(0);
    headers.push([isUtf8(name) ? name.toString("utf8") : name, decoder.readVarIntBytes()]);
  }
  return headers;
}
