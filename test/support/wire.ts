import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A slow wire hands on pieces of this size. */
const PIECE_BYTES = 4_096;

/**
 * A proxy before any server that does what networks do to those who speak through it. Nothing is lost from the middle
 * of a connection but by `isMute`: whatever is held up goes on when the fault is over, as TCP would have it.
 */
export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The server's answers vanish: the statement is carried out, nobody hears of it. Ends with `cut`. */
  isMute = false;
  /** Connections are taken, and nothing goes through, in either direction. */
  isBlackHole = false;
  /** Latency of each piece. */
  delayMs = 0;
  bytesPerSecond: number | null = null;
  /** So many more bytes go one way, then the connection is cut, in the middle of whatever it was. */
  cutAfter: { readonly way: "asking" | "answering"; bytes: number } | null = null;
  /** The first answer that this takes is carried no further: its connection is cut instead. */
  swallow: ((answer: Buffer) => boolean) | null = null;
  /** How often one of the faults above was felt. */
  felt = 0;

  constructor(port: number) {
    this.#server = createServer((down) => {
      const up = connect(port, "127.0.0.1");
      this.#sockets.add(down).add(up);
      this.#join(down, up, (bytes) => this.#pass(bytes, down, up, "asking"));
      this.#join(up, down, (bytes) => this.#answer(bytes, up, down));
    });
  }
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }
  /** Connections that the client holds open. */
  get connections(): number {
    return [...this.#sockets].filter((socket) => !socket.destroyed).length / 2;
  }
  cut(): void {
    this.#sockets.forEach((socket) => socket.destroy());
    this.#sockets.clear();
    this.isMute = false;
  }
  [Symbol.dispose](): void {
    this.isBlackHole = false;
    this.cut();
    this.#server.close();
  }

  #join(from: Socket, to: Socket, pass: (bytes: Buffer) => void): void {
    from.on("error", () => undefined).on("close", () => to.destroy());
    from.on("data", (bytes: Buffer) => {
      if (this.#isHindered) {
        this.felt += 1;
        from.pause();
        void this.#hinder(bytes, from, pass).then(() => from.resume());
      } else pass(bytes);
    });
  }

  get #isHindered(): boolean {
    return this.isBlackHole || this.delayMs > 0 || this.bytesPerSecond !== null;
  }

  async #hinder(bytes: Buffer, from: Socket, pass: (bytes: Buffer) => void): Promise<void> {
    await delay(this.delayMs);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      if (this.bytesPerSecond !== null) await delay((piece.length / this.bytesPerSecond) * 1_000);
      while (this.isBlackHole && !from.destroyed) await delay(20);
      pass(piece);
    }
  }

  #answer(bytes: Buffer, up: Socket, down: Socket): void {
    if (this.swallow?.(bytes) === true) {
      this.swallow = null;
      this.felt += 1;
      up.destroy(); // and the other with it
    } else if (!this.isMute) this.#pass(bytes, up, down, "answering");
  }

  #pass(bytes: Buffer, from: Socket, to: Socket, way: "asking" | "answering"): void {
    const cut = this.cutAfter?.way === way ? this.cutAfter : null;
    if (cut === null || bytes.length < cut.bytes) {
      if (cut !== null) cut.bytes -= bytes.length;
      to.write(bytes);
      return;
    }
    this.cutAfter = null;
    this.felt += 1;
    to.end(bytes.subarray(0, cut.bytes), () => from.destroy());
  }
}
