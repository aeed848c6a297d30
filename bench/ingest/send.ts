import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { percentile } from "../measure/percentile.ts";

const SENDER = join(import.meta.dirname, "sender.mjs");

/** Where to, as `ways.mjs` wants to know it. */
export type Way =
  | { readonly way: "gateway"; readonly url: string; readonly tokens: readonly string[] }
  | { readonly way: "kafka"; readonly brokers: readonly string[]; readonly topic: string };

export interface Load {
  readonly run: string;
  /** Number of the first event. */
  readonly from: number;
  /** Events of one request. */
  readonly batch: number;
  readonly connections: number;
  readonly seconds: number;
  /** Events a second; null: as many as are acknowledged. */
  readonly perSecond: number | null;
}

export interface Sent {
  /** The number behind the last event. */
  readonly to: number;
  /** Numbers of the events that were not acknowledged. */
  readonly failed: readonly number[];
  /** Events a second. */
  readonly rate: number;
  /** Milliseconds from when a request was sent, or should have been, to its answer. */
  readonly p50: number;
  readonly p99: number;
}

interface Told {
  readonly to: number;
  readonly failed: readonly number[];
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

/** Sends in a process of its own. */
export async function send(way: Way, load: Load): Promise<Sent> {
  const words = [SENDER, JSON.stringify({ ...way, ...load })];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 256 * 1024 ** 2 });
  const { to, failed, seconds, latenciesMs } = JSON.parse(stdout) as Told;
  const rate = (latenciesMs.length * load.batch) / seconds;
  return { to, failed, rate, p50: percentile(latenciesMs, 0.5), p99: percentile(latenciesMs, 0.99) };
}
