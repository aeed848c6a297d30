import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Report } from "../../src/core/report.ts";
import { openRelay, type DeadLetter, type LetterStore, type LetterTopic } from "../../src/pipeline/relay.ts";

function letterOf(id: number): DeadLetter {
  const record = {
    topic: "t",
    partition: 0,
    offset: BigInt(id),
    timestamp: -1,
    key: null,
    value: null,
    headers: [],
  };
  const why = { stage: "decode", sqlstate: null, reason: "no JSON" } as const;
  return { id: BigInt(id), record, ...why, firstSeen: new Date(0), headersText: "[]" };
}

/** A table in memory; two at a time are given out. */
class Table implements LetterStore {
  readonly waiting: DeadLetter[];
  readonly relayed: bigint[] = [];
  readonly faults: string[] = [];

  constructor(count: number) {
    this.waiting = Array.from({ length: count }, (_, id) => letterOf(id));
  }

  claim(signal: AbortSignal): Promise<readonly DeadLetter[]> {
    return signal.aborted
      ? Promise.reject(signal.reason as Error)
      : Promise.resolve(this.waiting.splice(0, 2));
  }

  noteRelayed(letters: readonly DeadLetter[]): Promise<void> {
    this.relayed.push(...letters.map(({ id }) => id));
    return Promise.resolve();
  }

  noteFault({ id }: DeadLetter, why: string): Promise<void> {
    this.faults.push(`${id}: ${why}`);
    return Promise.resolve();
  }

  release(letters: readonly DeadLetter[]): Promise<void> {
    this.waiting.unshift(...letters);
    return Promise.resolve();
  }
}

function relayOf(store: LetterStore, send: LetterTopic["send"], signal = new AbortController().signal) {
  const reports: Report[] = [];
  const tell = (report: Report): void => void reports.push(report);
  return { relay: openRelay({ store, topic: { send }, name: "t.dlq", tell, signal }), reports };
}

const kindsOf = (reports: readonly Report[]): string[] => reports.map(({ kind }) => kind);

it("relays what is left when it is told to end, and says nothing when all is well", async () => {
  const table = new Table(5);
  const { relay, reports } = relayOf(table, () => Promise.resolve([]));
  await relay[Symbol.asyncDispose]();
  expect(table.relayed).toEqual([0n, 1n, 2n, 3n, 4n]);
  expect(reports).toEqual([]);
});

it("gives back what could not be sent, tells of it once, and that it goes on", async () => {
  const table = new Table(3);
  let failures = 3;
  const { relay, reports } = relayOf(table, () =>
    failures-- > 0 ? Promise.reject(new Error("no broker")) : Promise.resolve([]),
  );
  await expect.poll(() => table.relayed, { timeout: 10_000 }).toEqual([0n, 1n, 2n]);
  await relay[Symbol.asyncDispose]();
  expect(reports).toEqual([
    { kind: "warning", text: 'the relay of dead letters to topic "t.dlq" waits: no broker' },
    { kind: "notice", text: 'the relay of dead letters to topic "t.dlq" goes on' },
  ]);
});

it("notes what can never be sent and goes on with the others", async () => {
  const table = new Table(3);
  const { relay, reports } = relayOf(table, (letters) =>
    Promise.resolve(letters.filter(({ id }) => id === 1n).map((letter) => ({ letter, why: "too large" }))),
  );
  await relay[Symbol.asyncDispose]();
  expect(table.relayed).toEqual([0n, 2n]);
  expect(table.faults).toEqual(["1: too large"]);
  expect(reports).toEqual([
    { kind: "warning", text: "t[0] offset 1 stays in clusterflow.dead_letters only: too large" },
  ]);
});

it("does not wait for a server that is away when it is told to end, and says that some are left", async () => {
  const table = new Table(3);
  const { relay, reports } = relayOf(table, () => Promise.reject(new Error("no broker")));
  await expect.poll(() => reports.length).toBe(1);
  await relay[Symbol.asyncDispose]();
  expect(kindsOf(reports)).toEqual(["warning", "warning"]);
  expect(reports.at(-1)).toEqual({
    kind: "warning",
    text: 'not all dead letters came to topic "t.dlq", the next run relays them: no broker',
  });
  expect(table.waiting).toHaveLength(3);
});

it("gives up what is on its way some seconds after the run's signal", async () => {
  const stop = new AbortController();
  const send = (_: unknown, signal: AbortSignal): Promise<never> =>
    new Promise((__, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
  const { relay, reports } = relayOf(new Table(1), send, stop.signal);
  await delay(10);
  stop.abort();
  const begun = Date.now();
  await relay[Symbol.asyncDispose]();
  expect(Date.now() - begun).toBeLessThan(8_000);
  expect(reports).toMatchObject([{ text: expect.stringContaining("the time to end is over") as string }]);
});
