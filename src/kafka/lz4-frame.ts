import { decompressBlock } from "lz4js";

const MAGIC = 0x184d2204;
const HAS_DICTIONARY = 0x01;
const HAS_CONTENT_CHECKSUM = 0x04;
const HAS_CONTENT_SIZE = 0x08;
const HAS_BLOCK_CHECKSUMS = 0x10;
const IS_STORED = 0x80000000;

/** Bytes that a block may decompress to, by the number that the frame gives. */
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };

/**
 * Decompresses one LZ4 frame (github.com/lz4/lz4, doc/lz4_Frame_format.md). Only the blocks are lz4js's: its own
 * frame reader takes a cut frame for a whole one and a block's checksum for its first bytes.
 */
export function decompressLz4Frame(frame: Buffer, maxBytes: number): Buffer {
  const { blocks, blockBytes } = readFrame(frame);
  const bound = blocks.reduce((sum, block) => sum + (block.isStored ? block.length : blockBytes), 0);
  // a frame of many tiny blocks may claim much more than it holds; what does not fit is found out below
  const target = Buffer.allocUnsafe(Math.min(bound, maxBytes));
  let size = 0;
  for (const block of blocks) {
    size = block.isStored
      ? store(frame, block, target, size)
      : decompressBlock(frame, target, block.at, block.length, size);
    if (!(size <= target.length)) throw new Error(`broken, or more than ${maxBytes} bytes come out`);
  }
  return Buffer.from(target.subarray(0, size));
}

interface Block {
  readonly at: number;
  readonly length: number;
  readonly isStored: boolean;
}

function readFrame(frame: Buffer): { readonly blocks: readonly Block[]; readonly blockBytes: number } {
  if (frame.length < 7 || frame.readUInt32LE(0) !== MAGIC) throw new Error("not an lz4 frame");
  const flags = frame.readUInt8(4);
  const blockBytes = BLOCK_BYTES[(frame.readUInt8(5) >> 4) & 7];
  if (flags >> 6 !== 1 || blockBytes === undefined) throw new Error("not a frame of version 1");
  if ((flags & HAS_DICTIONARY) !== 0) throw new Error("it needs a dictionary");
  const headerBytes = 7 + ((flags & HAS_CONTENT_SIZE) === 0 ? 0 : 8);
  const checksumBytes = (flags & HAS_BLOCK_CHECKSUMS) === 0 ? 0 : 4;
  const { blocks, end } = readBlocks(frame, headerBytes, checksumBytes);
  const tail = (flags & HAS_CONTENT_CHECKSUM) === 0 ? 0 : 4;
  if (end + tail !== frame.length) throw new Error("the frame does not end where it says");
  return { blocks, blockBytes };
}

function readBlocks(
  frame: Buffer,
  start: number,
  checksumBytes: number,
): { blocks: readonly Block[]; end: number } {
  const blocks: Block[] = [];
  for (let at = start; ;) {
    if (at + 4 > frame.length) throw new Error("the frame is cut short");
    const word = frame.readUInt32LE(at);
    at += 4;
    if (word === 0) return { blocks, end: at };
    const block = { at, length: word % IS_STORED, isStored: word >= IS_STORED };
    at += block.length + checksumBytes;
    if (at > frame.length) throw new Error("the frame is cut short");
    blocks.push(block);
  }
}

function store(frame: Buffer, block: Block, target: Buffer, size: number): number {
  return frame.copy(target, size, block.at, block.at + block.length) === block.length
    ? size + block.length
    : Infinity;
}
