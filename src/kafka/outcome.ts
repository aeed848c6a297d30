import type { ClusterflowError } from "../core/errors.ts";

/** The first end that a session comes to is its end. */
export class Outcome {
  readonly settled: Promise<void>;
  isSettled = false;
  #resolve: () => void = () => undefined;
  #reject: (error: ClusterflowError) => void = () => undefined;

  constructor() {
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  settle(error: ClusterflowError | null): void {
    if (this.isSettled) return;
    this.isSettled = true;
    if (error === null) this.#resolve();
    else this.#reject(error);
  }
}
