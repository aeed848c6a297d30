import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { STREAMS_FILE } from "./events.ts";

const PROGRAM = resolve(import.meta.dirname, "../support/stream-member.mjs");
const KIT = resolve(import.meta.dirname, "kit.mjs");
/** 10 s of drain, the goodbyes, and a machine that has other things to do. */
const LEAVE_MS = 25_000;

/** A report as a consumer process wrote it: offsets have become numbers. */
export interface MemberReport {
  readonly kind: string;
  readonly partition?: number;
  readonly partitions?: number;
  readonly start?: number;
  readonly end?: number;
  readonly for?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly point?: string;
}

export interface MemberOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly database: DatabaseSettings;
  readonly untilEnd: boolean;
  /** `point:how:nth`; see `kit.mjs`. */
  readonly fault: string | null;
}

/** One consumer process of the built program, and everything that it ever said. */
export class Member implements AsyncDisposable {
  readonly reports: MemberReport[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #onReport: () => void = () => undefined;

  constructor({ brokers, topic, database, untilEnd, fault }: MemberOptions) {
    const settings = { kafka: { brokers, topic }, database, group: `group-${topic}` };
    // whoever is to come to an end does so, or says why not
    const options = { untilEnd, giveUpAfterMs: untilEnd ? 60_000 : null };
    const task = JSON.stringify({ module: STREAMS_FILE, stream: "append", settings, options });
    const { PATH = "", HOME = "" } = process.env;
    this.#child = spawn(process.execPath, ["--import", KIT, PROGRAM, task], {
      env: { PATH, HOME, ...(fault === null ? {} : { FAULT: fault }) },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#exited = once(this.#child, "close");
    const lines = createInterface({ input: this.#child.stderr! });
    lines.on("line", (line) => {
      this.reports.push(reportOf(line));
      this.#onReport();
    });
  }

  of(kind: string): readonly MemberReport[] {
    return this.reports.filter((report) => report.kind === kind);
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** `0`, `1`, `SIGKILL`, …; null while it lives. */
  get status(): number | NodeJS.Signals | null {
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Until it has said what is waited for. */
  async until(what: string, isSaid: () => boolean, ms = 90_000): Promise<void> {
    const spoken = new Promise<void>((done) => {
      this.#onReport = () => {
        if (isSaid()) done();
      };
      this.#onReport();
    });
    await this.#within(Promise.race([spoken, this.#exited]), ms, what);
    if (!isSaid()) throw new Error(`the process ended before ${what}; ${this.#lastWords()}`);
  }

  /** Until it has ended by itself. */
  async ended(ms: number): Promise<void> {
    await this.#within(this.#exited, ms, "its end");
  }

  /** Tells it to drain and leave, which has to be quick. */
  async leave(): Promise<void> {
    this.signal("SIGTERM");
    await this.ended(LEAVE_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasExited) this.signal("SIGKILL");
    await this.#exited;
  }

  async #within(promise: Promise<unknown>, ms: number, what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const say = (): void => reject(new Error(`no ${what} within ${ms / 1000} s; ${this.#lastWords()}`));
      timer = setTimeout(say, ms);
    });
    await Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  #lastWords(): string {
    const told = this.reports.slice(-4).map((report) => JSON.stringify(report));
    return `status ${String(this.status)}, its last words:\n${told.join("\n")}`;
  }
}

function reportOf(line: string): MemberReport {
  try {
    return JSON.parse(line) as MemberReport;
  } catch {
    return { kind: "noise", message: line };
  }
}
