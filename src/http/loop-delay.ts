import { monitorEventLoopDelay } from "node:perf_hooks";

/** Ten wakings a second: fine enough to see what keeps heartbeats waiting, and not to be seen on an idle machine. */
const RESOLUTION_MS = 100;
const WINDOW_MS = 10_000;

/** How late the process gets to things: the last full window, and the one being filled. */
export class LoopDelay implements Disposable {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;
  p50Ms = 0;
  p99Ms = 0;
  #maxMs = 0;

  constructor() {
    this.#histogram.enable();
    this.#timer = setInterval(() => this.#turn(), WINDOW_MS);
    this.#timer.unref();
  }

  get maxMs(): number {
    return Math.max(this.#maxMs, delayMs(this.#histogram.max));
  }

  #turn(): void {
    this.p50Ms = delayMs(this.#histogram.percentile(50));
    this.p99Ms = delayMs(this.#histogram.percentile(99));
    this.#maxMs = delayMs(this.#histogram.max);
    this.#histogram.reset();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }
}

/** Node measures from one waking to the next, the resolution included. */
function delayMs(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS) : 0;
}
