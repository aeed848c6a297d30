import { describe, expect, it } from "vitest";
import { judgeHealth } from "../../src/pipeline/health.ts";
import { Observed } from "../../src/pipeline/observed.ts";

const FETCHING = { kind: "fetching", silentMs: 0, hasFetched: true } as const;

/** A consumer that has one partition and stands at its end, and a clock to move. */
function consuming(): {
  observed: Observed;
  pass: (ms: number) => void;
  health: () => ReturnType<typeof judgeHealth>;
} {
  let now = 0;
  const observed = new Observed("t", () => now);
  observed.see({ kind: "joined", partitions: [0] });
  observed.see({ kind: "claimed", partition: 0, next: 10n });
  observed.see({ kind: "ends", ends: new Map([[0, 10n]]) });
  observed.see(FETCHING);
  return { observed, pass: (ms) => (now += ms), health: () => judgeHealth(observed, 0) };
}

const WELL = { notAlive: null, notReady: null };
const stored = (end: bigint) =>
  ({ kind: "stored", partition: 0, end, stored: 1, deadLettered: 0, newestAt: null, ms: 1 }) as const;

describe("judgeHealth", () => {
  it("is alive and not ready before the group was joined and each partition claimed", () => {
    const observed = new Observed("t");
    expect(judgeHealth(observed, 0)).toEqual({
      notAlive: null,
      notReady: "not a member of the consumer group yet",
    });
    observed.see({ kind: "joined", partitions: [4] });
    expect(judgeHealth(observed, 0).notReady).toBe("partition 4 is not claimed yet");
    observed.see({ kind: "claimed", partition: 4, next: 0n });
    expect(judgeHealth(observed, 0)).toEqual(WELL);
    observed.see({ kind: "left" });
    expect(judgeHealth(observed, 0).notReady).toBe("not a member of the consumer group yet");
  });

  it("is ready without a partition: others have them all", () => {
    const observed = new Observed("t");
    observed.see({ kind: "joined", partitions: [] });
    expect(judgeHealth(observed, 0)).toEqual(WELL);
  });

  it("is alive and not ready while anybody waits for a server, without naming its host", () => {
    const { observed, pass, health } = consuming();
    observed.see({ kind: "away", server: "PostgreSQL db:5432/n as u" });
    observed.see({ kind: "away", server: "PostgreSQL db:5432/n as u" });
    pass(120_000);
    expect(health()).toEqual({ notAlive: null, notReady: "waiting for postgresql for 120 s" });
    observed.see({ kind: "back", server: "PostgreSQL db:5432/n as u" });
    expect(health().notReady).toContain("waiting");
    observed.see({ kind: "back", server: "PostgreSQL db:5432/n as u" });
    observed.see(FETCHING);
    expect(health()).toEqual(WELL);
  });

  it("is not ready when it is behind and has not moved for a minute, and again when it has", () => {
    const { observed, pass, health } = consuming();
    pass(600_000);
    observed.see({ kind: "ends", ends: new Map([[0, 12n]]) });
    observed.see(FETCHING);
    expect(health()).toEqual(WELL); // it was at the end until now
    pass(61_000);
    observed.see(FETCHING);
    expect(health()).toEqual({
      notAlive: null,
      notReady: "partition 0 is 2 offsets behind and has not moved for 61 s",
    });
    observed.see({ kind: "claimed", partition: 0, next: 10n });
    expect(health().notReady).not.toBeNull(); // to be claimed anew is no progress
    observed.see(stored(11n));
    expect(health()).toEqual(WELL);
  });

  it("is not alive when no fetch is answered though nothing is away", () => {
    const { observed, health } = consuming();
    observed.see({ kind: "fetching", silentMs: 21_000, hasFetched: true });
    expect(health()).toEqual({
      notAlive: "no fetch was answered for 21 s",
      notReady: "no fetch was answered for 21 s",
    });
    observed.see({ kind: "away", server: "Kafka at b:9092" });
    expect(health().notAlive).toBeNull();
  });

  it("is not alive after a stall until a fetch was answered: a new consumer is no proof of anything", () => {
    const { observed, health } = consuming();
    observed.see({ kind: "left" });
    observed.see({ kind: "stalled" });
    observed.see({ kind: "joined", partitions: [0] });
    observed.see({ kind: "claimed", partition: 0, next: 10n });
    observed.see({ kind: "fetching", silentMs: 0, hasFetched: false });
    expect(health().notAlive).toBe(
      "Kafka answers, but no fetch was answered since the consumer was built anew",
    );
    observed.see(FETCHING);
    expect(health()).toEqual(WELL);
  });

  it("is not alive when the consumer is gone and none came after it", () => {
    const { observed, pass, health } = consuming();
    observed.see({ kind: "left" });
    pass(30_000);
    expect(health().notAlive).not.toContain("gone");
    pass(16_000);
    expect(health().notAlive).toBe("the consumer is gone since 46 s");
  });

  it("is not alive when the process was busy with one thing", () => {
    expect(judgeHealth(new Observed("t"), 6_000).notAlive).toBe(
      "the process was busy with one thing for 6 s",
    );
  });

  it("is alive and not ready while it drains", () => {
    const { observed, pass, health } = consuming();
    observed.isDraining = true;
    pass(100_000);
    expect(health()).toEqual({ notAlive: null, notReady: "stopping: finishing what is in hand" });
  });
});
