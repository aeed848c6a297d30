import { describe, expect, it } from "vitest";
import type { Check } from "../../src/pipeline/proof/check.ts";
import type { Proof, ProvenSnapshot } from "../../src/pipeline/proof/proof.ts";
import { asTyped } from "../../src/terminal/as-typed.ts";
import { describeProof, junitOf, verdictLines } from "../../src/terminal/proof.ts";

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
  lies: { partition: 2, first: 10n, last: 14n, messages: 5 },
  kinds: [
    kind,
    {
      ...kind,
      group: "apps",
      resource: "deployments",
      status: "forbidden",
      collected: 0,
      stored: null,
      digest: "not compared",
    },
  ],
};
const ok: Check = {
  id: "topic",
  title: "it lies whole",
  status: "ok",
  detail: "quite",
  expected: "1 sealed",
  found: "1 whole",
  remedy: null,
};
const proof: Proof = {
  verdict: "proven",
  sentence: "proven: all of it",
  hint: null,
  at: "2026-05-01T00:00:00.000Z",
  mode: "hybrid-kafka",
  topic: "cluster-info",
  group: "g",
  otherGroups: [],
  snapshots: [snapshot],
  refused: [],
  partitions: [],
  checks: [ok],
};
const failed: Check = {
  ...ok,
  id: "digest",
  title: "the same",
  status: "failed",
  detail: "pods differ",
  expected: "1",
  found: null,
};

describe("the table", () => {
  it("shows the snapshot and where it lies, its kinds, the checks, and the verdict last", () => {
    expect(describeProof(proof)).toBe(
      [
        "snapshot s-1 of cluster c-1: applied, cluster-info[2] offsets 10..14, 5 messages",
        "",
        "KIND              STATUS     COLLECTED  STORED  DIGEST",
        "pods              complete   3          3       same",
        "deployments.apps  forbidden  0          -       not compared",
        "",
        "CHECK  RESULT  EXPECTED  FOUND    WHAT",
        "topic  OK      1 sealed  1 whole  it lies whole",
        "",
        "proven: all of it",
      ].join("\n"),
    );
  });

  it("says of every check that is not ok why, and the next command", () => {
    const checks = [
      ok,
      failed,
      { ...ok, id: "stored", status: "pending", detail: "soon" } as const,
      { ...ok, status: "told", detail: "by the way" } as const,
    ];
    const text = describeProof({ ...proof, checks, sentence: "wrong: it", hint: "clusterflow collect" });
    expect(text).toContain(
      `\n\nFAIL digest: pods differ\nWAIT stored: soon\n- topic: by the way\n\nwrong: it\n  next: ${asTyped("clusterflow collect")}`,
    );
    expect(text).not.toContain("OK topic");
  });

  it("gives several snapshots a line each", () => {
    const text = describeProof({
      ...proof,
      snapshots: [snapshot, { ...snapshot, snapshot: "s-2", status: null, kinds: [] }],
    });
    expect(text).toContain(
      "SNAPSHOT  STATUS   COLLECTED  STORED  DIGESTS\ns-1       applied  3          3       1 of 1 same\ns-2       -        0          0       0 of 0 same",
    );
  });

  it("names what was not stored with its reason, the last ten of it", () => {
    const refused = Array.from({ length: 12 }, (_, n) => ({
      snapshot: `s-${n + 10}`,
      cluster: "c-1",
      status: "mismatched",
      reason: `pods: ${n} came`,
    }));
    expect(describeProof({ ...proof, refused: refused.slice(0, 1) })).toContain(
      "\n\nNOT STORED  STATUS      REASON\ns-10        mismatched  pods: 0 came\n\nCHECK",
    );
    const text = describeProof({ ...proof, refused });
    expect(text).toContain("s-21        mismatched  pods: 11 came\n(and 2 before these)\n\nCHECK");
    expect(text).not.toContain("s-11");
  });

  it("speaks of no offsets where there is no Kafka, and of no kinds where nothing was compared", () => {
    const text = describeProof({
      ...proof,
      snapshots: [{ ...snapshot, cluster: null, status: null, reason: "why", lies: null, kinds: [] }],
    });
    expect(text).toMatch(/^snapshot s-1: not in the database \(why\)\n\nCHECK/);
    expect(describeProof({ ...proof, snapshots: [] })).toMatch(/^CHECK/);
  });

  it("lets nothing of others steer the terminal", () => {
    const text = describeProof({
      ...proof,
      checks: [{ ...failed, detail: "\u001b[2Jclean\r\u202Eslate\u0007" }],
    });
    expect(text).toContain("FAIL digest: ?[2Jclean??slate?");
    expect(verdictLines({ sentence: "a\u001b[31m", hint: null })).toBe("a?[31m");
  });
});

describe("the JUnit XML", () => {
  it("has one test case a check: failures, what is in flight as errors, what was not compared as skipped", () => {
    const checks: Check[] = [
      ok,
      failed,
      { ...ok, id: "stored", status: "pending", detail: "soon" },
      { ...ok, id: "counts", status: "told", detail: "by the way" },
    ];
    expect(junitOf({ ...proof, checks })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="clusterflow verify" tests="4" failures="1" errors="1" skipped="1">
  <testsuite name="clusterflow verify" tests="4" failures="1" errors="1" skipped="1" timestamp="2026-05-01T00:00:00.000Z" time="0">
    <properties>
      <property name="verdict" value="proven"/>
      <property name="snapshot" value="s-1"/>
    </properties>
    <testcase classname="clusterflow.verify" name="topic: it lies whole" time="0"><system-out>quite</system-out></testcase>
    <testcase classname="clusterflow.verify" name="digest: the same" time="0"><failure type="failed" message="pods differ">expected 1, found -</failure></testcase>
    <testcase classname="clusterflow.verify" name="stored: it lies whole" time="0"><error type="in-flight" message="soon">expected 1 sealed, found 1 whole</error></testcase>
    <testcase classname="clusterflow.verify" name="counts: it lies whole" time="0"><skipped message="by the way"/></testcase>
    <system-out>proven: all of it</system-out>
  </testsuite>
</testsuites>
`);
  });

  it("escapes what XML would read as its own, and leaves out what XML cannot hold at all", () => {
    const detail = `<&>"' \t\n\r\u0000\u0008\u001B\uFFFE\uFFFF\uD800x😀ü]]>`;
    const text = junitOf({ ...proof, checks: [{ ...failed, detail }], sentence: detail });
    const escaped = "&lt;&amp;&gt;&quot;&apos; &#9;&#10;&#13;x😀ü]]&gt;";
    expect(text).toContain(`message="${escaped}"`);
    expect(text).toContain(`<system-out>${escaped}</system-out>`);
  });
});
