import { createRequire } from "node:module";
import type Decoder from "kafkajs/src/protocol/decoder.js";
import { decodeRecordSet, isRecordSet } from "./record-set.ts";

type Decode = (decoder: Decoder) => Promise<readonly unknown[]>;

const require = createRequire(import.meta.url);
const MODULE = "kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js";
const RESPONSE = "kafkajs/src/protocol/requests/fetch/v11/response.js";

/**
 * kafkajs 2.2.4 makes a dozen objects of each record, big integers as texts among them, which takes more time than all
 * the rest of a consumer. Here it gets our own reader of record batches instead. It asks for its own one when the first
 * answer to a fetch comes, and takes what the module cache has then. Message sets older than 0.11 stay with kafkajs.
 */
export function patchRecordSets(): void {
  const path = require.resolve(MODULE);
  const original = require(path) as Decode;
  const module = require.cache[path];
  if (module === undefined || original === decodeMessages) return;
  if (require.cache[require.resolve(RESPONSE)] !== undefined) {
    throw new Error("kafkajs has read a fetch before its reader of record batches was replaced");
  }
  legacy = original;
  module.exports = decodeMessages;
}

let legacy: Decode;

const decodeMessages: Decode = async (decoder) => {
  const from = decoder.offset;
  const size = decoder.readInt32();
  if (size <= 0 || !decoder.canReadBytes(size)) return [];
  const bytes = decoder.readBytes(size);
  if (isRecordSet(bytes)) return decodeRecordSet(bytes);
  decoder.offset = from;
  return legacy(decoder);
};
