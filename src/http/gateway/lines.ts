/** One line of a stream, counted from 1; null when it is longer than it may be. */
export interface Line {
  readonly number: number;
  readonly bytes: Buffer | null;
}

export interface LineLimits {
  readonly lineBytes: number;
  readonly streamBytes: number;
}

const NEWLINE = 0x0a;

/**
 * The lines of a stream that are not blank. One line at most is in memory, and of one that is too long not even that.
 * Ends early, after its last whole line, when the stream is longer than it may be. A stream that breaks throws, and
 * what there was of its last line is not passed on.
 */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  { lineBytes, streamBytes }: LineLimits,
): AsyncGenerator<Line, "whole" | "too long"> {
  const line = new Gathered(lineBytes);
  let read = 0;
  for await (const chunk of stream) {
    read += chunk.length;
    if (read > streamBytes) return "too long";
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      line.add(chunk.subarray(from, end));
      from = end + 1;
      const whole = line.end();
      if (whole !== null) yield whole;
    }
    line.add(chunk.subarray(from));
  }
  const last = line.end();
  if (last !== null) yield last;
  return "whole";
}

/** The line that is being read. */
class Gathered {
  readonly #most: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #number = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#most) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  /** Null for a blank line. */
  end(): Line | null {
    this.#number += 1;
    const isTooLong = this.#bytes > this.#most;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    if (isTooLong) return { number: this.#number, bytes: null };
    return isBlank(bytes) ? null : { number: this.#number, bytes };
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
