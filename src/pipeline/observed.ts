import { assertNever } from "../core/never.ts";
import { BatchTimes } from "./batch-times.ts";
import type { Sight, StoredSight } from "./observe.ts";
import { ObservedPartition } from "./observed-partition.ts";

/** What is known of a running consumer: counters and states, nothing of any record. Kept whether anybody asks or not. */
export class Observed {
  readonly topic: string;
  readonly partitions = new Map<number, ObservedPartition>();
  /** How many wait for a server, and since when; by the server's kind: `postgresql`, `kafka`. */
  readonly waits = new Map<string, { count: number; since: number }>();
  readonly retries = new Map<string, number>();
  readonly rebuilds = new Map<string, number>();
  readonly batchTimes = new BatchTimes();
  stored = 0;
  deadLettered = 0;
  fences = 0;
  /** Consumers in a row that were given up without ever having had a fetch answered. */
  stalls = 0;
  hasJoined = false;
  isDraining = false;
  /** The last second in which the consumer was seen alive; null before the first. */
  seenAt: number | null = null;
  /** Since when no fetch is answered. */
  silentSince: number | null = null;
  lastStoredAt: number | null = null;
  readonly #now: () => number;

  constructor(topic: string, now: () => number = () => performance.now()) {
    this.topic = topic;
    this.#now = now;
  }

  /** Milliseconds of a clock that nobody sets. */
  get now(): number {
    return this.#now();
  }

  readonly see = (sight: Sight): void => {
    switch (sight.kind) {
      case "joined":
        this.#join(sight.partitions);
        break;
      case "left":
        this.#leave();
        break;
      case "claimed":
        this.#of(sight.partition).claim(sight.next, this.now);
        break;
      case "ends":
        this.#reach(sight.ends);
        break;
      case "held":
        this.partitions.get(sight.partition)?.hold(sight.why, this.now);
        break;
      case "released":
        this.partitions.get(sight.partition)?.release(sight.why, this.now);
        break;
      case "stored":
        this.#store(sight);
        break;
      case "fenced":
        this.fences += 1;
        this.partitions.get(sight.partition)?.hold("fenced", this.now);
        break;
      case "fetching":
        this.#tick(sight);
        break;
      case "stalled":
        this.stalls += 1;
        break;
      case "rebuilt":
        increase(this.rebuilds, sight.why);
        break;
      case "away":
        this.#wait(kindOf(sight.server));
        break;
      case "back":
        this.#goOn(kindOf(sight.server));
        break;
      case "retry":
        increase(this.retries, retryClass(sight.code));
        break;
      default:
        assertNever(sight);
    }
  };

  #join(partitions: readonly number[]): void {
    this.hasJoined = true;
    for (const partition of this.partitions.keys())
      if (!partitions.includes(partition)) this.partitions.delete(partition);
    for (const partition of partitions) this.#of(partition).unclaim(this.now);
  }

  /** What was counted stays: the next consumer is the same process's. */
  #leave(): void {
    this.hasJoined = false;
    for (const partition of this.partitions.values()) partition.unclaim(this.now);
  }

  #reach(ends: ReadonlyMap<number, bigint>): void {
    for (const [number, partition] of this.partitions) {
      const end = ends.get(number);
      if (end !== undefined) partition.reach(end, this.now);
    }
  }

  #store({ partition, end, stored, deadLettered, newestAt, ms }: StoredSight): void {
    this.stored += stored;
    this.deadLettered += deadLettered;
    this.lastStoredAt = Date.now();
    this.batchTimes.add(ms / 1000);
    this.partitions.get(partition)?.store(end, newestAt, this.now);
  }

  #tick({ silentMs, hasFetched }: { readonly silentMs: number; readonly hasFetched: boolean }): void {
    this.seenAt = this.now;
    this.silentSince = this.now - silentMs;
    if (hasFetched) this.stalls = 0;
  }

  #wait(server: string): void {
    const { count = 0, since = this.now } = this.waits.get(server) ?? {};
    this.waits.set(server, { count: count + 1, since });
  }

  #goOn(server: string): void {
    const { count = 0, since = this.now } = this.waits.get(server) ?? {};
    if (count <= 1) this.waits.delete(server);
    else this.waits.set(server, { count: count - 1, since });
  }

  #of(number: number): ObservedPartition {
    const partition = this.partitions.get(number) ?? new ObservedPartition(this.now);
    this.partitions.set(number, partition);
    return partition;
  }
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** `PostgreSQL db:5432/inventory as me`: hosts and users are for the log and not for whoever may read metrics. */
function kindOf(server: string): string {
  return server.split(" ", 1).join("").toLowerCase();
}

/** Few and known: a SQLSTATE counts by its class, whatever else it was was the connection. */
function retryClass(code: string | null): string {
  if (code === "kafka") return code;
  return code !== null && /^\d[0-9A-Z]{4}$/.test(code) ? `sqlstate_${code.slice(0, 2)}` : "connection";
}
