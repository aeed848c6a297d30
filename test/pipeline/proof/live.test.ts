import { describe, expect, it } from "vitest";
import {
  countLive,
  judgeLive,
  type LiveEvidence,
  type SentProbe,
  type StoredProbe,
} from "../../../src/pipeline/proof/live.ts";

const sent = (n: number, more: Partial<SentProbe> = {}): SentProbe => ({
  ...{ n, way: "kafka", sentAt: 1_000, mode: "kafka", fault: null },
  place: { partition: 0, offset: BigInt(n) },
  ...more,
});
const stored = (n: number, offset = n, storedAt = 1_000 + n): StoredProbe => ({
  ...{ n, partition: 0, storedAt },
  offset: BigInt(offset),
});
const position = { partition: 0, first: 0n, next: 10n, stored: 0n, deadLettered: 0n, probes: 10n };
const evidence = (more: Partial<LiveEvidence>): LiveEvidence => ({
  ...{ run: "r", group: "g", timeoutMs: 1, members: 1, positions: [position], sent: [], stored: [] },
  ...more,
});

describe("probes", () => {
  it("are double where one record is stored twice, and not where it came into the topic twice", () => {
    const doubled = evidence({ sent: [sent(1), sent(2)], stored: [stored(1), stored(1), stored(2)] });
    expect([judgeLive(doubled).status, countLive(doubled)]).toMatchObject([
      "failed",
      { stored: 1, double: 1 },
    ]);
    expect(judgeLive(doubled).detail).toContain("probe 1, partition 0 offset 1, is stored 2 times");
    const repeated = evidence({ sent: [sent(1)], stored: [stored(1), stored(1, 5)] });
    expect([judgeLive(repeated).status, countLive(repeated)]).toMatchObject(["ok", { stored: 1, double: 0 }]);
    expect(judgeLive(repeated).detail).toContain("1 came into the topic more than once");
  });

  it("wait in the topic, in the spool, or were not taken", () => {
    const waiting = evidence({
      sent: [
        sent(12),
        sent(13),
        sent(14, { way: "http", mode: "spool", place: null }),
        sent(15, { way: "http", mode: null, place: null, fault: "full" }),
      ],
    });
    expect(judgeLive(waiting)).toMatchObject({
      status: "pending",
      detail:
        "partition 0: 2 wait from offset 12 on, group g is at 10, 2 before; 1 wait in the spool of the gateway for Kafka; 1 were not taken: full",
    });
    expect(countLive(waiting)).toMatchObject({ missing: 4, lost: 0 });
  });

  it("have times by rank", () => {
    const all = Array.from({ length: 200 }, (_, at) => at + 1);
    const many = evidence({ sent: all.map((n) => sent(n)), stored: all.map((n) => stored(n)) });
    expect(countLive(many)).toMatchObject({ p50Ms: 100, p99Ms: 198, stored: 200 });
  });
});
