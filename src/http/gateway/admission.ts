/** Bounds what is in memory: requests at once, and the bytes of their bodies. */
export class Admission {
  readonly #maxRequests: number;
  readonly #maxBytes: number;
  #requests = 0;
  #bytes = 0;

  constructor({ requests, bytesAtOnce }: { readonly requests: number; readonly bytesAtOnce: number }) {
    this.#maxRequests = requests;
    this.#maxBytes = bytesAtOnce;
  }

  get requests(): number {
    return this.#requests;
  }

  /** The place of a request with a body of at most so many bytes; null when there is none. */
  enter(bytes: number): Disposable | null {
    if (this.#requests >= this.#maxRequests || this.#bytes + bytes > this.#maxBytes) return null;
    this.#requests += 1;
    this.#bytes += bytes;
    let isInside = true;
    return {
      [Symbol.dispose]: () => {
        if (!isInside) return;
        isInside = false;
        this.#requests -= 1;
        this.#bytes -= bytes;
      },
    };
  }
}
