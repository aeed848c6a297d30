import { narrow } from "../../core/narrow.ts";

/**
 * Reads the variable-length integers of Kafka's record format (protocol buffers' zigzag encoding) from bytes, and
 * remembers how far it is. Behind the end it reads zeros: whoever reads a record compares `at` with its end.
 */
export class Varints {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** 32 bits. */
  int(): number {
    const value = this.unsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  /** 32 bits without a sign, as lengths are in the newer requests (KIP-482). */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** 64 bits: a number where it holds them exactly. */
  long(): number | bigint {
    const from = this.at;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    this.at = from;
    return narrow(this.#big());
  }

  #big(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const unsigned = BigInt.asUintN(64, value);
    return (unsigned >> 1n) ^ -(unsigned & 1n);
  }
}
