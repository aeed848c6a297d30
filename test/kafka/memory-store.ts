import type { Report, Tell } from "../../src/core/report.ts";
import type { Batch, Claim, Deliver, Ledger, RawRecord } from "../../src/pipeline/ports.ts";

/** What the database is to the source: positions with epochs, and the records that came down under them. */
export class MemoryStore implements Ledger {
  readonly positions = new Map<number, { next: bigint; epoch: bigint; topicId?: string | null }>();
  readonly records: RawRecord[] = [];
  readonly batches: Batch[] = [];
  claims = 0;
  /** Called before a batch is stored; a test waits or looks in here. */
  before: (batch: Batch, signal: AbortSignal) => Promise<void> | void = () => undefined;

  claim: Ledger["claim"] = (partitions) => {
    this.claims += 1;
    const claims = partitions.map(({ topic, partition, low, topicId }): Claim => {
      const held = this.positions.get(partition);
      const known = held?.topicId ?? topicId;
      const now = { next: held?.next ?? low, epoch: (held?.epoch ?? 0n) + 1n, topicId: known };
      this.positions.set(partition, now);
      return { topic, partition, ...now };
    });
    return Promise.resolve(claims);
  };

  positionsOf: Ledger["positionsOf"] = () =>
    Promise.resolve(new Map([...this.positions].map(([partition, { next }]) => [partition, next])));

  readonly deliver: Deliver = async (batch, signal) => {
    await this.before(batch, signal);
    const held = this.positions.get(batch.partition);
    if (held === undefined || held.epoch !== batch.epoch || held.next !== batch.start)
      return { kind: "fenced" };
    held.next = batch.end;
    this.records.push(...batch.records);
    this.batches.push(batch);
    return { kind: "stored", stored: batch.records.length, deadLettered: 0 };
  };

  /** What somebody else's `--from earliest` does. */
  reset(partition: number, next: bigint): void {
    const held = this.positions.get(partition);
    this.positions.set(partition, { next, epoch: (held?.epoch ?? 0n) + 1n });
  }

  values(): string[] {
    return this.records.map(({ value }) => value?.toString() ?? "");
  }
}

/** Everything that was told, and a way to wait for it. */
export class Told {
  readonly reports: Report[] = [];
  readonly #waiting = new Set<() => void>();

  readonly tell: Tell = (report) => {
    this.reports.push(report);
    for (const look of [...this.#waiting]) look();
  };

  of<K extends Report["kind"]>(kind: K): Extract<Report, { kind: K }>[] {
    return this.reports.filter((report): report is Extract<Report, { kind: K }> => report.kind === kind);
  }

  /** Resolves as soon as the condition holds; it is looked at after each report. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }
}
