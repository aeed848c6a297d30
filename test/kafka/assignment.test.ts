import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Assignment, type FetchedBatch } from "../../src/kafka/assignment.ts";
import { Progress } from "../../src/kafka/progress.ts";
import type { Standing } from "../../src/kafka/watermarks.ts";
import type { RawRecord } from "../../src/pipeline/ports.ts";
import { MemoryStore, Told } from "./memory-store.ts";

function record(partition: number, offset: number, bytes = 1): RawRecord {
  const value = Buffer.alloc(bytes, String(offset));
  return { topic: "t", partition, offset: BigInt(offset), timestamp: -1, key: null, value, headers: [] };
}

/** A fetch that asked for `from` and brought everything up to `end`. */
function fetched(partition: number, from: number, end: number, bytes?: number): FetchedBatch {
  const records = Array.from({ length: end - from }, (_, n) => record(partition, from + n, bytes));
  return { partition, from: BigInt(from), end: BigInt(end), read: () => records };
}

/** An assignment with a topic of two partitions, each holding offsets 0 to 999, and everything it asked for. */
function open({ queueBytes = 1e9 } = {}) {
  const store = new MemoryStore();
  const told = new Told();
  const calls: string[] = [];
  const failures: string[] = [];
  const marks = new Map<number, Standing>(
    [0, 1].map((partition) => [partition, { partition, low: 0n, high: 1_000n, topicId: "a" }]),
  );
  const looks: ReadonlyMap<number, Standing>[] = [];
  const assignment = new Assignment(
    {
      group: "g",
      topic: "t",
      ledger: {
        claim: (partitions) => {
          calls.push(`claim ${partitions.map(({ partition }) => partition).join()}`);
          return store.claim(partitions);
        },
        positionsOf: store.positionsOf,
      },
      deliver: store.deliver,
      queueBytes,
      tell: told.tell,
      progress: new Progress(),
      watermarks: () => Promise.resolve(looks.shift() ?? marks),
      onPosition: () => undefined,
      onMoved: () => undefined,
      onFailed: ({ message }) => void failures.push(message),
    },
    {
      pause: (partitions) => void calls.push(`pause ${partitions.join()}`),
      resume: (partition) => void calls.push(`resume ${partition}`),
      seek: (partition, offset) => void calls.push(`seek ${partition} ${offset}`),
    },
  );
  const settled = (): Promise<void> =>
    vi.waitFor(() => expect(told.of("assigned").length).toBeGreaterThan(0));
  return { assignment, store, told, calls, failures, marks, looks, settled };
}

const offsets = (store: MemoryStore): number[] => store.records.map(({ offset }) => Number(offset));

describe("an assignment", () => {
  it("stops fetching before it does anything else, and fetches again from the claimed positions", async () => {
    const { assignment, store, calls, settled } = open();
    store.positions.set(0, { next: 40n, epoch: 1n });
    assignment.take([0, 1]);
    expect(calls).toEqual(["pause 0,1"]);
    await settled();
    expect(calls).toEqual(["pause 0,1", "claim 0,1", "seek 0 40", "resume 0", "seek 1 0", "resume 1"]);
  });

  it("takes nothing that was fetched before the claim", async () => {
    const { assignment, store, settled } = open();
    assignment.take([0]);
    assignment.accept(fetched(0, 0, 5));
    await settled();
    assignment.accept(fetched(0, 0, 2));
    await vi.waitFor(() => expect(offsets(store)).toEqual([0, 1]));
  });

  it("delivers nothing under an earlier claim once it has joined again", async () => {
    const { assignment, store, told, settled } = open();
    assignment.take([0]);
    await settled();
    assignment.take([0]);
    assignment.accept(fetched(0, 0, 5));
    await vi.waitFor(() => expect(told.of("assigned")).toHaveLength(2));
    assignment.accept(fetched(0, 0, 2));
    await vi.waitFor(() => expect(offsets(store)).toEqual([0, 1]));
    expect(store.batches.map(({ epoch }) => epoch)).toEqual([2n]);
    expect(told.of("fenced")).toEqual([]);
  });

  it.each([
    ["behind", 20],
    ["before", 3],
  ])(
    "takes no batch that begins %s the expected offset, and has it fetched where it belongs",
    async (_, from) => {
      const { assignment, store, calls, settled, failures } = open();
      assignment.take([0]);
      await settled();
      assignment.accept(fetched(0, 0, 10));
      assignment.accept(fetched(0, from, from + 30));
      assignment.accept(fetched(0, 10, 12)); // on its way too, while the position is being checked
      await vi.waitFor(() => expect(calls.slice(-2)).toEqual(["seek 0 10", "resume 0"]));
      assignment.accept(fetched(0, 10, 15));
      await vi.waitFor(() => expect(offsets(store)).toEqual(Array.from({ length: 15 }, (__, n) => n)));
      expect(failures).toEqual([]);
    },
  );

  it("fails when what it expects is gone from the topic", async () => {
    const { assignment, marks, failures, settled } = open();
    assignment.take([0]);
    await settled();
    marks.set(0, { partition: 0, low: 7n, high: 1_000n, topicId: "a" });
    assignment.accept(fetched(0, 7, 10));
    await vi.waitFor(() =>
      expect(failures).toEqual([expect.stringContaining("no longer has offsets 0 to 6 (7)")]),
    );
  });

  it("believes a position behind the end that it was told only when a second look agrees", async () => {
    const { assignment, store, marks, looks, failures, settled } = open();
    store.positions.set(0, { next: 1_200n, epoch: 1n }); // whoever had it went on while we asked for the end
    looks.push(marks, new Map([[0, { partition: 0, low: 0n, high: 1_300n, topicId: "a" }]]));
    assignment.take([0]);
    await settled();
    expect(failures).toEqual([]);
  });

  it("claims once for each join, and never with a claim of an earlier join behind it", async () => {
    const { assignment, store, calls, told, settled } = open();
    assignment.take([0, 1]);
    assignment.take([0]);
    assignment.take([1]);
    await settled();
    await vi.waitFor(() => expect(told.of("assigned")).toEqual([{ kind: "assigned", partitions: 1 }]));
    expect(calls.filter((call) => call.startsWith("claim"))).toEqual(["claim 1"]);
    expect(store.positions.get(1)?.epoch).toBe(1n);
  });

  it("holds a partition that has its share while all together have the whole, and lets it go before it runs dry", async () => {
    const { assignment, store, calls, settled } = open({ queueBytes: 2 * 100 * 1_320 });
    let release: (() => void)[] = [];
    store.before = () => new Promise((resolve) => release.push(resolve));
    assignment.take([0, 1]);
    await settled();
    calls.length = 0;
    assignment.accept(fetched(0, 0, 60, 1_000)); // more than its half of half the memory, but the other has nothing
    expect(calls).toEqual([]);
    assignment.accept(fetched(1, 0, 45, 1_000)); // less than its own half
    expect(calls).toEqual([]);
    assignment.accept(fetched(0, 60, 70, 1_000));
    expect(calls).toEqual(["pause 0"]);
    const waiting = release;
    release = [];
    for (const go of waiting) go();
    await vi.waitFor(() => expect(calls).toEqual(["pause 0", "resume 0"]));
    for (const go of release) go();
  });
});

describe("a fenced partition", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("is claimed again only after a heartbeat was answered, later each time", async () => {
    const { assignment, store, told, calls } = open();
    assignment.take([0]);
    await told.until(() => told.of("assigned").length === 1);
    for (const [times, waitMs] of [
      [1, 1_000],
      [2, 2_000],
      [3, 4_000],
    ] as const) {
      store.reset(0, 0n);
      assignment.accept(fetched(0, 0, 1));
      await told.until(() => told.of("fenced").length === times);
      expect(calls.at(-1)).toBe("pause 0");
      assignment.confirm();
      vi.setSystemTime(Date.now() + 3_600_000); // which is nobody's business
      vi.advanceTimersByTime(waitMs - 1);
      assignment.confirm();
      await new Promise(setImmediate);
      expect(store.claims).toBe(times);
      vi.advanceTimersByTime(1);
      assignment.confirm();
      await told.until(() => told.of("assigned").length === times + 1);
    }
    expect(store.records).toEqual([]);
  });
});
