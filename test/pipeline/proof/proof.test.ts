import { describe, expect, it } from "vitest";
import type { Check, CheckId, CheckStatus, Remedy } from "../../../src/pipeline/proof/check.ts";
import { conclude, type Findings, type ProvenSnapshot } from "../../../src/pipeline/proof/proof.ts";

const at = new Date("2026-05-01T00:00:00Z");

function check(
  id: CheckId,
  status: CheckStatus,
  detail = `${id} detail; more`,
  remedy: Remedy | null = null,
): Check {
  return { id, title: "", status, detail, expected: null, found: null, remedy };
}
const kind = {
  group: "",
  resource: "pods",
  status: "complete",
  reason: null,
  collected: 3,
  stored: 3,
  digest: "same",
} as const;
const snapshot: ProvenSnapshot = {
  snapshot: "s-1",
  cluster: "c-1",
  status: "applied",
  reason: null,
  lies: { partition: 0, first: 0n, last: 4n, messages: 5 },
  kinds: [kind, { ...kind, resource: "nodes", collected: 2, stored: 2 }],
};
const partition = {
  partition: 0,
  low: 0n,
  high: 5n,
  first: 0n,
  next: 5n,
  stored: 4n,
  deadLettered: 1n,
  probes: 0n,
  gaps: 0n,
  unchecked: 0n,
  lag: 0n,
};
const good: Findings = {
  mode: "hybrid-kafka",
  topic: "t",
  group: "g",
  otherGroups: [],
  refused: [],
  snapshots: [snapshot],
  partitions: [partition],
  checks: [check("topic", "ok"), check("stored", "told"), check("offsets", "ok")],
};
function sentence(changes: Partial<Findings>): string {
  return conclude({ ...good, ...changes }, at).sentence;
}

describe("a proof", () => {
  it("says in one line what was compared, and that nothing was lost or doubled", () => {
    expect(conclude(good, at)).toMatchObject({
      verdict: "proven",
      hint: null,
      at: "2026-05-01T00:00:00.000Z",
    });
    expect(sentence({})).toBe(
      "proven: 5 objects of 2 kinds collected = stored; 5 messages = 4 stored + 1 dead-lettered + 0 gaps; 0 lost, 0 double",
    );
  });

  it("does not speak of messages where there is no Kafka", () => {
    expect(sentence({ mode: "legacy", partitions: [] })).toBe(
      "proven: 5 objects of 2 kinds collected = stored; 0 lost, 0 double",
    );
  });

  it("says how many kinds could not be compared", () => {
    const kinds = [kind, { ...kind, status: "forbidden", stored: null, digest: "not compared" } as const];
    expect(sentence({ snapshots: [{ ...snapshot, kinds }] })).toContain(
      "3 objects of 1 kind collected = stored (1 kind not listed completely)",
    );
  });

  it("counts snapshots where there are several", () => {
    expect(sentence({ snapshots: [snapshot, snapshot] })).toContain(
      "10 objects in 2 snapshots collected = stored",
    );
  });

  it("does not claim objects of a snapshot that is not stored by rule", () => {
    expect(sentence({ snapshots: [{ ...snapshot, status: "aborted", kinds: [] }] })).toContain(
      "proven: snapshot s-1 is aborted, and nothing of it is stored; 5 messages",
    );
  });

  it("says what retention has removed, and what newer messages wait", () => {
    const trimmed = { ...partition, gaps: null, unchecked: 2n, lag: 3n };
    expect(sentence({ partitions: [trimmed] })).toContain(
      "4 stored + 1 dead-lettered of 5 offsets, 2 of which retention has removed; 3 newer messages wait",
    );
  });

  it("leaves partitions that the group has not begun out of the sum", () => {
    const unread = { ...partition, first: null, next: null, stored: 0n, deadLettered: 0n, lag: 0n };
    expect(sentence({ partitions: [partition, unread] })).toContain("5 messages = 4 stored");
  });
});

describe("what is wrong", () => {
  it("outweighs what is in flight, names the checks and the first finding", () => {
    const proof = conclude({ ...good, checks: [check("topic", "pending"), check("digest", "failed")] }, at);
    expect(proof.verdict).toBe("wrong");
    expect(proof.sentence).toBe("wrong: 1 of 2 checks failed (digest): digest detail");
  });

  it("has a next command for every check", () => {
    const ids: readonly CheckId[] = ["topic", "untouched", "stored", "counts", "digest", "double", "offsets"];
    const hints = ids.map((id) => conclude({ ...good, checks: [check(id, "failed")] }, at).hint);
    expect(hints.every((hint) => hint?.startsWith("clusterflow ") === true)).toBe(true);
  });

  it("says to collect when nothing was ever collected", () => {
    const checks = [check("topic", "failed", "no snapshot was ever collected")];
    const proof = conclude({ ...good, snapshots: [], checks }, at);
    expect([proof.sentence, proof.hint]).toEqual([
      "wrong: no snapshot was ever collected",
      "clusterflow collect --topic t && clusterflow consume --until-end --topic t --group g",
    ]);
  });
});

describe("what is in flight", () => {
  const checks = [check("topic", "ok"), check("stored", "pending", "it is not sealed yet")];

  it("is counted in messages, and consuming is next", () => {
    const proof = conclude({ ...good, checks, partitions: [{ ...partition, lag: 7n }] }, at);
    expect([proof.verdict, proof.sentence, proof.hint]).toEqual([
      "in-flight",
      "in flight: 7 messages are not consumed yet",
      "clusterflow consume --until-end --topic t --group g",
    ]);
  });

  it("says what is waited for when every message is consumed", () => {
    const proof = conclude({ ...good, checks }, at);
    expect([proof.sentence, proof.hint]).toEqual([
      "in flight: it is not sealed yet",
      "clusterflow collect --topic t",
    ]);
  });

  it("is a group that never stored anything, when others did", () => {
    const unread = { ...partition, first: null, next: null, stored: 0n, deadLettered: 0n, lag: 5n };
    const proof = conclude({ ...good, checks, partitions: [unread], otherGroups: ["a", "b"] }, at);
    expect(proof.sentence).toBe(
      'in flight: group "g" never stored anything of topic "t"; groups "a", "b" did',
    );
  });
});
