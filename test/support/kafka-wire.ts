import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

const FETCH = 1;

/**
 * A proxy before a broker that can swallow the answers to fetches and nothing else (the consumer stays a member, asks
 * how far partitions reach, and hears nothing), or damage what is packed in them. Where the broker names its own address, it names the proxy's.
 */
export class KafkaWire implements Disposable {
  readonly #broker: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  swallowsFetches = false;
  /**
   * Consumers are told that there is nothing, wherever they ask: their fetches ask for this offset then, the end of a
   * topic of one partition. Others, who ask for more bytes than a consumer does, are answered as ever.
   */
  blindsFrom: bigint | null = null;
  /** Damages what is packed with gzip: behind its ten bytes of header nothing is a stream any more. */
  damagesGzip = false;
  swallowed = 0;

  constructor(broker: string) {
    const [host = "", port] = broker.split(":");
    this.#broker = { host, port: Number(port) };
    this.#server = createServer((down) => this.#join(down));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, this.#broker.host, resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    return `${this.#broker.host}:${this.#port}`;
  }

  /** Where there is another proxy before this one, clients are sent to that. */
  announce(port: number): void {
    this.#port = port;
  }

  #join(down: Socket): void {
    const up = connect(this.#broker.port, this.#broker.host);
    const fetches = new Set<number>();
    const asked = new Frames((frame) => {
      if (frame.readInt16BE(4) === FETCH) fetches.add(frame.readInt32BE(8));
      if (frame.readInt16BE(4) === FETCH && this.blindsFrom !== null) blind(frame, this.blindsFrom);
      up.write(frame);
    });
    const answered = new Frames((frame) => {
      const isFetch = fetches.delete(frame.readInt32BE(4));
      if (isFetch && this.damagesGzip) damageGzip(frame);
      if (isFetch && this.swallowsFetches) this.swallowed += 1;
      else down.write(isFetch ? frame : this.#readdressed(frame));
    });
    for (const [socket, other, frames] of [
      [down, up, asked],
      [up, down, answered],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("data", (bytes: Buffer) => frames.push(bytes));
      socket.on("error", () => undefined).on("close", () => other.destroy());
    }
  }

  #readdressed(frame: Buffer): Buffer {
    const { host, port } = this.#broker;
    const address = Buffer.alloc(2 + host.length + 4);
    address.writeInt16BE(host.length);
    address.write(host, 2);
    address.writeInt32BE(port, 2 + host.length);
    for (let at = frame.indexOf(address); at >= 0; at = frame.indexOf(address, at + 1))
      frame.writeInt32BE(this.#port, at + 2 + host.length);
    return frame;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

/** What a consumer asks for of one partition. */
const CONSUMER_BYTES = 512 * 1024;

/** Of version 11, with one topic of one partition (Kafka protocol guide, "Fetch API"). */
function blind(frame: Buffer, offset: bigint): void {
  const clientId = frame.readInt16BE(12);
  const body = 14 + clientId;
  if (frame.readInt16BE(6) !== 11) return;
  const topics = body + 4 + 4 + 4 + 4 + 1 + 4 + 4;
  if (frame.readInt32BE(topics) !== 1) return;
  const partitions = topics + 4 + 2 + frame.readInt16BE(topics + 4);
  const wanted = partitions + 4 + 4 + 4;
  if (frame.readInt32BE(wanted + 8 + 8) !== CONSUMER_BYTES) return;
  frame.writeBigInt64BE(offset, wanted);
}

const GZIP_MARK = Buffer.from([0x1f, 0x8b, 0x08]);

function damageGzip(frame: Buffer): void {
  for (let at = frame.indexOf(GZIP_MARK); at >= 0; at = frame.indexOf(GZIP_MARK, at + 1))
    frame.fill(0xff, at + 10, at + 14);
}

/** Kafka's messages, each with its length before it, out of whatever pieces TCP brings. */
class Frames {
  readonly #each: (frame: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(each: (frame: Buffer) => void) {
    this.#each = each;
  }

  push(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= 4 && this.#rest.length >= 4 + this.#rest.readInt32BE(0)) {
      const end = 4 + this.#rest.readInt32BE(0);
      this.#each(Buffer.from(this.#rest.subarray(0, end)));
      this.#rest = this.#rest.subarray(end);
    }
  }
}
