import { gzipSync } from "node:zlib";
import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import { ClusterflowError } from "../../src/core/errors.ts";
import {
  decompressLz4,
  decompressSnappy,
  decompressZstd,
  gzipCodec,
  registerCodecs,
} from "../../src/kafka/codecs.ts";
import { FRAMES, PLAIN, TINY } from "./codec-frames.ts";

describe("snappy", () => {
  it("reads the raw stream that Go's and librdkafka's producers write", () => {
    expect(decompressSnappy(FRAMES.snappyRaw)).toEqual(PLAIN);
  });

  it("reads the framed stream of several blocks that Java's producer writes", () => {
    expect(decompressSnappy(FRAMES.snappyXerial)).toEqual(PLAIN);
  });

  it("refuses a framed stream that is cut in a block", () => {
    expect(() => decompressSnappy(FRAMES.snappyXerial.subarray(0, -3))).toThrow("cut short");
  });
});

describe("lz4", () => {
  it("reads a frame", () => {
    expect(decompressLz4(FRAMES.lz4)).toEqual(PLAIN);
  });

  it("reads a frame with a checksum behind each block and the content's size in its header", () => {
    expect(decompressLz4(FRAMES.lz4WithChecksums)).toEqual(PLAIN);
  });

  it("reads a block that is stored uncompressed", () => {
    expect(decompressLz4(FRAMES.lz4Stored)).toEqual(TINY);
  });

  it("refuses a frame that is cut anywhere", () => {
    for (let length = 0; length < FRAMES.lz4.length; length += 1) {
      expect(() => decompressLz4(FRAMES.lz4.subarray(0, length)), `${length} bytes`).toThrow();
    }
  });
});

describe("zstd", () => {
  it("reads a frame that says how long it becomes", () => {
    expect(decompressZstd(FRAMES.zstd)).toEqual(PLAIN);
  });

  it("reads a frame that does not", () => {
    expect(decompressZstd(FRAMES.zstdStream)).toEqual(PLAIN);
  });

  it("refuses a frame that is cut anywhere", () => {
    for (let length = 5; length < FRAMES.zstd.length; length += 1) {
      expect(() => decompressZstd(FRAMES.zstd.subarray(0, length)), `${length} bytes`).toThrow();
    }
  });
});

describe("gzip", () => {
  it("reads what it wrote", async () => {
    expect(await gzipCodec.decompress(await gzipCodec.compress({ buffer: PLAIN }))).toEqual(PLAIN);
  });

  it("stops a bomb before it fills the memory", async () => {
    const member = gzipSync(Buffer.alloc(10_000_000));
    const bomb = Buffer.concat(Array.from({ length: 27 }, () => member)); // 270 MB out of 270 kB
    await expect(gzipCodec.decompress(bomb)).rejects.toMatchObject({ code: "wrong" });
  });
});

describe("the codecs that kafkajs is given", () => {
  it("read snappy, lz4 and zstd and refuse to write them with a sentence", async () => {
    registerCodecs();
    const { CompressionCodecs, CompressionTypes } = kafkajs;
    for (const [type, frame] of [
      [CompressionTypes.Snappy, FRAMES.snappyXerial],
      [CompressionTypes.LZ4, FRAMES.lz4],
      [CompressionTypes.ZSTD, FRAMES.zstd],
    ] as const) {
      const codec = CompressionCodecs[type]() as typeof gzipCodec;
      expect(await codec.decompress(frame)).toEqual(PLAIN);
      await expect(codec.compress({ buffer: PLAIN })).rejects.toThrow(/reads \w+ but does not write it/);
    }
  });

  it("end soon, in bytes or in a sentence, whichever byte of a batch is damaged", async () => {
    registerCodecs();
    const { CompressionCodecs, CompressionTypes } = kafkajs;
    const batches = [
      [CompressionTypes.GZIP, gzipSync(PLAIN)],
      [CompressionTypes.Snappy, FRAMES.snappyRaw],
      [CompressionTypes.Snappy, FRAMES.snappyXerial],
      [CompressionTypes.LZ4, FRAMES.lz4],
      [CompressionTypes.LZ4, FRAMES.lz4WithChecksums],
      [CompressionTypes.ZSTD, FRAMES.zstd],
      [CompressionTypes.ZSTD, FRAMES.zstdStream],
    ] as const;
    for (const [type, batch] of batches) {
      const codec = CompressionCodecs[type]() as typeof gzipCodec;
      for (let at = 0; at < batch.length; at += 1) {
        const damaged = Buffer.from(batch);
        damaged[at] = (damaged[at] ?? 0) ^ 0xff;
        const begun = performance.now();
        const end: unknown = await codec.decompress(damaged).catch((error: unknown) => error);
        const isSentence = end instanceof ClusterflowError && end.code === "wrong";
        expect(isSentence || Buffer.isBuffer(end), `codec ${type}, byte ${at}: ${String(end)}`).toBe(true);
        expect(performance.now() - begun, `codec ${type}, byte ${at}`).toBeLessThan(2_000);
      }
    }
  });

  it("say which codec a damaged batch claims to be", async () => {
    registerCodecs();
    const codec = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4]() as typeof gzipCodec;
    await expect(codec.decompress(Buffer.from("not a frame"))).rejects.toMatchObject({
      code: "wrong",
      message: "a batch compressed with lz4 cannot be read: not an lz4 frame",
    });
  });
});
