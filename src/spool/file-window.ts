import { open, type FileHandle } from "node:fs/promises";

const STEP_BYTES = 256 * 1024;

/** Reads a file in small pieces, mostly forwards, with few calls to the system. */
export class FileWindow implements AsyncDisposable {
  readonly path: string;
  readonly size: number;
  readonly #file: FileHandle;
  #bytes: Buffer = Buffer.alloc(0);
  #begin = 0;

  private constructor(path: string, size: number, file: FileHandle) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  static async open(path: string): Promise<FileWindow> {
    const file = await open(path, "r");
    try {
      return new FileWindow(path, (await file.stat()).size, file);
    } catch (cause) {
      await file.close();
      throw cause;
    }
  }

  /** Fewer bytes than wanted where the file ends. No promise where none is needed: there are millions of frames. */
  at(position: number, length: number): Buffer | Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - position));
    const from = position - this.#begin;
    if (from >= 0 && from + wanted <= this.#bytes.length) return this.#bytes.subarray(from, from + wanted);
    return this.#move(position, wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #move(position: number, wanted: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(Math.min(Math.max(wanted, STEP_BYTES), this.size - position));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, filled, bytes.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#bytes = bytes.subarray(0, filled);
    this.#begin = position;
    return this.#bytes.subarray(0, wanted);
  }
}
