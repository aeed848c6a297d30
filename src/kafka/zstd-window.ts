const MAGIC = 0xfd2fb528;
const SINGLE_SEGMENT = 0x20;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

/**
 * The memory that a zstd frame asks for before its first block, in bytes (RFC 8878, section 3.1.1.1); 0 for what is no
 * frame. One damaged byte asks for gigabytes, and the decoder sets them aside without a word.
 */
export function zstdWindow(frame: Buffer): number {
  const header = Buffer.alloc(18); // the longest there is
  frame.copy(header);
  if (header.readUInt32LE(0) !== MAGIC) return 0;
  const descriptor = header.readUInt8(4);
  if ((descriptor & SINGLE_SEGMENT) === 0) {
    const window = header.readUInt8(5);
    return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
  }
  const at = 5 + (DICTIONARY_BYTES[descriptor & 3] ?? 0);
  switch (1 << (descriptor >> 6)) {
    case 1:
      return header.readUInt8(at);
    case 2:
      return header.readUInt16LE(at) + 256;
    case 4:
      return header.readUInt32LE(at);
    default:
      return Number(header.readBigUInt64LE(at));
  }
}
