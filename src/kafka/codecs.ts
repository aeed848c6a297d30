import { promisify } from "node:util";
import { gzip, unzip } from "node:zlib";
import { Decompress } from "fzstd";
import kafkajs from "kafkajs";
import { uncompress } from "snappyjs";
import { ClusterflowError } from "../core/errors.ts";
import { decompressLz4Frame } from "./lz4-frame.ts";
import { zstdWindow } from "./zstd-window.ts";

/**
 * Bytes that one compressed batch may grow to. Topics take batches of 1 MiB by default and JSON shrinks some
 * twentyfold, so honest batches stay far below; a bomb (gzip reaches 1,000 to 1) would end the process otherwise.
 */
const MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024;

/** What kafkajs wants of a codec; `compress` is given its encoder, `decompress` the bytes of all records. */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(compressed: Buffer): Promise<Buffer>;
}

/**
 * Teaches kafkajs the codecs that Kafka has, all in JavaScript: without them the first snappy, lz4 or zstd batch
 * ends its consumer while the process looks healthy. Reading works for all four, writing for gzip.
 */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.GZIP] = () => gzipCodec;
  CompressionCodecs[CompressionTypes.Snappy] = () => readOnly("snappy", decompressSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = () => readOnly("lz4", decompressLz4);
  CompressionCodecs[CompressionTypes.ZSTD] = () => readOnly("zstd", decompressZstd);
}

const gzipAsync = promisify(gzip);
const unzipAsync = promisify(unzip);

export const gzipCodec: Codec = {
  compress: (encoder) => gzipAsync(encoder.buffer),
  decompress: (compressed) =>
    unzipAsync(compressed, { maxOutputLength: MAX_DECOMPRESSED_BYTES }).catch((error: unknown) => {
      throw unreadable("gzip", error);
    }),
};

function readOnly(name: string, decompress: (compressed: Buffer) => Buffer): Codec {
  return {
    compress: () =>
      Promise.reject(
        new ClusterflowError(`clusterflow reads ${name} but does not write it`, {
          code: "usage",
          hint: "write with gzip, or without compression",
        }),
      ),
    decompress: (compressed) =>
      new Promise((resolve, reject) => {
        try {
          resolve(decompress(compressed));
        } catch (error) {
          reject(unreadable(name, error));
        }
      }),
  };
}

function unreadable(name: string, cause: unknown): ClusterflowError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ClusterflowError(`a batch compressed with ${name} cannot be read: ${why}`, {
    code: "wrong",
    hint: "read the same offsets with kafka-console-consumer.sh to see whether the batch is damaged in the topic",
    cause,
  });
}

/**
 * The framing of xerial's snappy-java: this mark, two version numbers, then blocks of a big-endian length and a raw
 * snappy stream. Java's producer writes it; Go's and librdkafka's write the raw stream, which cannot begin so.
 */
const XERIAL_MARK = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

export function decompressSnappy(compressed: Buffer): Buffer {
  if (!compressed.subarray(0, XERIAL_MARK.length).equals(XERIAL_MARK)) {
    return uncompress(compressed, MAX_DECOMPRESSED_BYTES);
  }
  const blocks: Buffer[] = [];
  let left = MAX_DECOMPRESSED_BYTES;
  for (let at = XERIAL_HEADER_BYTES; at < compressed.length;) {
    const length = compressed.readInt32BE(at);
    const end = at + 4 + length;
    if (length < 0 || end > compressed.length) throw new Error("the stream is cut short");
    const block = uncompress(compressed.subarray(at + 4, end), left);
    left -= block.length;
    blocks.push(block);
    at = end;
  }
  return Buffer.concat(blocks);
}

export function decompressLz4(compressed: Buffer): Buffer {
  return decompressLz4Frame(compressed, MAX_DECOMPRESSED_BYTES);
}

export function decompressZstd(compressed: Buffer): Buffer {
  const window = zstdWindow(compressed);
  if (window > MAX_DECOMPRESSED_BYTES) throw new Error(`it asks for ${window} bytes of memory`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const stream = new Decompress((chunk) => {
    bytes += chunk.length;
    if (bytes > MAX_DECOMPRESSED_BYTES) throw new Error(`more than ${MAX_DECOMPRESSED_BYTES} bytes come out`);
    chunks.push(chunk.slice()); // its own memory is reused for the next chunk
  });
  stream.push(compressed, true);
  return Buffer.concat(chunks);
}
