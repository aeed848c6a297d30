import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A proxy that can swallow the server's answers: the statement is carried out, nobody hears of it. */
export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  isMute = false;

  constructor(port: number) {
    this.#server = createServer((down) => {
      const up = connect(port, "127.0.0.1");
      this.#sockets.add(down).add(up);
      down.on("data", (bytes) => void up.write(bytes));
      up.on("data", (bytes) => {
        if (!this.isMute) down.write(bytes);
      });
      for (const [one, other] of [
        [down, up],
        [up, down],
      ] as const)
        one.on("error", () => undefined).on("close", () => other.destroy());
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
    this.cut();
    this.#server.close();
  }
}
