/** The first end that a session comes to is its end. */
export class Outcome {
  readonly settled: Promise<void>;
  isSettled = false;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  succeed(): void {
    this.isSettled = true;
    this.#resolve();
  }

  fail(error: unknown): void {
    this.isSettled = true;
    this.#reject(error);
  }
}
