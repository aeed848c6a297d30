import { cpuSecondsOf, cpuSecondsOfTree, peakMegabytesOf } from "./processes.ts";

interface Sample {
  readonly at: number;
  readonly own: number;
  readonly postgres: number;
}

export interface CpuSeconds {
  readonly own: number;
  readonly postgres: number;
}

const EVERY_MS = 50;

/** Looks at a contestant's process and at PostgreSQL until it is disposed of. */
export class Sampler implements Disposable {
  readonly #pid: number;
  readonly #postmaster: number;
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  #peakMegabytes = 0;

  constructor(pid: number, postmaster: number) {
    this.#pid = pid;
    this.#postmaster = postmaster;
    this.#look();
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  get peakMegabytes(): number {
    return this.#peakMegabytes;
  }

  /** What was used between two moments, in milliseconds since 1970. */
  usedBetween(begun: number, ended: number): CpuSeconds {
    const first = this.#samples.findLast(({ at }) => at <= begun) ?? this.#samples[0]!;
    const last = this.#samples.find(({ at }) => at >= ended) ?? this.#samples.at(-1)!;
    return { own: last.own - first.own, postgres: last.postgres - first.postgres };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const before = this.#samples.at(-1);
    const own = cpuSecondsOf(this.#pid) ?? before?.own ?? 0;
    this.#samples.push({ at: Date.now(), own, postgres: cpuSecondsOfTree(this.#postmaster) });
    this.#peakMegabytes = Math.max(this.#peakMegabytes, peakMegabytesOf(this.#pid) ?? 0);
  }
}
