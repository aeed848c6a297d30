/** What was opened, to be closed in the opposite order. Node 20 has no AsyncDisposableStack. */
export class Closing implements AsyncDisposable {
  readonly #closers: (() => PromiseLike<unknown>)[] = [];

  use<T extends AsyncDisposable>(opened: T): T {
    return this.adopt(opened, (one) => one[Symbol.asyncDispose]());
  }

  adopt<T>(opened: T, close: (opened: T) => PromiseLike<unknown>): T {
    this.#closers.unshift(() => close(opened));
    return opened;
  }

  /** All are closed, also behind one that cannot be. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
