import type { Check, CheckStatus } from "../pipeline/proof/check.ts";
import type { Proof, ProvenSnapshot, RefusedSnapshot } from "../pipeline/proof/proof.ts";
import type { KindProof } from "../pipeline/proof/snapshot/contents.ts";
import { asTyped } from "./as-typed.ts";
import { table } from "./table.ts";

const WORDS: Readonly<Record<CheckStatus, string>> = { ok: "OK", failed: "FAIL", pending: "WAIT", told: "-" };

/** A proof as a person reads it: the snapshot, its kinds, what was not stored, the checks, what is not right, and the verdict last. */
export function describeProof(proof: Proof): string {
  const [only] = proof.snapshots;
  const snapshots =
    proof.snapshots.length === 1 && only !== undefined ? oneSnapshot(only, proof) : manySnapshots(proof);
  const remarks = proof.checks.filter(({ status }) => status !== "ok").map(remarkOn);
  const blocks = [
    ...snapshots,
    refusedTable(proof.refused),
    checksTable(proof.checks),
    remarks.join("\n"),
    verdictLines(proof),
  ];
  return plain(blocks.filter((block) => block !== "").join("\n\n"));
}

/** The verdict alone, and what to do next. */
export function verdictLines({ sentence, hint }: Pick<Proof, "sentence" | "hint">): string {
  return plain(hint === null ? sentence : `${sentence}\n  next: ${asTyped(hint)}`);
}

/** A proof as JUnit XML, one test case a check: what failed is a failure, what is in flight an error. */
export function junitOf(proof: Proof): string {
  const count = (status: CheckStatus): number =>
    proof.checks.filter((check) => check.status === status).length;
  const sums = `tests="${proof.checks.length}" failures="${count("failed")}" errors="${count("pending")}" skipped="${count("told")}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="clusterflow verify" ${sums}>`,
    `  <testsuite name="clusterflow verify" ${sums} timestamp="${escaped(proof.at)}" time="0">`,
    "    <properties>",
    `      <property name="verdict" value="${escaped(proof.verdict)}"/>`,
    ...proof.snapshots.map(
      ({ snapshot }) => `      <property name="snapshot" value="${escaped(snapshot)}"/>`,
    ),
    "    </properties>",
    ...proof.checks.map(testCase),
    `    <system-out>${escaped(proof.sentence)}</system-out>`,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function oneSnapshot(snapshot: ProvenSnapshot, { topic }: Proof): readonly string[] {
  const { lies, status, reason } = snapshot;
  const where =
    lies === null
      ? ""
      : `, ${topic ?? ""}[${lies.partition}] offsets ${lies.first}..${lies.last}, ${lies.messages} messages`;
  const became = `${status ?? "not in the database"}${reason === null ? "" : ` (${reason})`}`;
  const cluster = snapshot.cluster === null ? "" : ` of cluster ${snapshot.cluster}`;
  return [`snapshot ${snapshot.snapshot}${cluster}: ${became}${where}`, kindsTable(snapshot.kinds)];
}

function kindsTable(kinds: readonly KindProof[]): string {
  if (kinds.length === 0) return "";
  const rows = kinds.map((kind) => [
    kind.group === "" ? kind.resource : `${kind.resource}.${kind.group}`,
    kind.status,
    String(kind.collected),
    kind.stored === null ? "-" : String(kind.stored),
    kind.digest,
  ]);
  return table(["KIND", "STATUS", "COLLECTED", "STORED", "DIGEST"], rows);
}

function manySnapshots({ snapshots }: Proof): readonly string[] {
  if (snapshots.length === 0) return [];
  const rows = snapshots.map(({ snapshot, status, kinds }) => {
    const compared = kinds.filter(({ stored }) => stored !== null);
    const sum = (of: (kind: KindProof) => number): string =>
      String(compared.reduce((all, kind) => all + of(kind), 0));
    const same = compared.filter(({ digest }) => digest === "same").length;
    const counts = [sum((kind) => kind.collected), sum((kind) => kind.stored ?? 0)];
    return [snapshot, status ?? "-", ...counts, `${same} of ${compared.length} same`];
  });
  return [table(["SNAPSHOT", "STATUS", "COLLECTED", "STORED", "DIGESTS"], rows)];
}

/** Snapshots that are shown; the JSON document has all. */
const REFUSED_SHOWN = 10;

function refusedTable(refused: readonly RefusedSnapshot[]): string {
  if (refused.length === 0) return "";
  const rows = refused
    .slice(-REFUSED_SHOWN)
    .map(({ snapshot, status, reason }) => [snapshot, status ?? "-", reason ?? "-"]);
  const more = refused.length - rows.length;
  const shown = table(["NOT STORED", "STATUS", "REASON"], rows);
  return more === 0 ? shown : `${shown}\n(and ${more} before these)`;
}

function checksTable(checks: readonly Check[]): string {
  const rows = checks.map(({ id, status, expected, found, title }) => [
    id,
    WORDS[status],
    expected ?? "-",
    found ?? "-",
    title,
  ]);
  return table(["CHECK", "RESULT", "EXPECTED", "FOUND", "WHAT"], rows);
}

function remarkOn({ id, status, detail }: Check): string {
  return `${WORDS[status]} ${id}: ${detail}`;
}

function testCase(check: Check): string {
  const head = `    <testcase classname="clusterflow.verify" name="${escaped(`${check.id}: ${check.title}`)}" time="0"`;
  const detail = escaped(check.detail);
  switch (check.status) {
    case "ok":
      return `${head}><system-out>${detail}</system-out></testcase>`;
    case "failed":
      return `${head}><failure type="failed" message="${detail}">${escaped(sides(check))}</failure></testcase>`;
    case "pending":
      return `${head}><error type="in-flight" message="${detail}">${escaped(sides(check))}</error></testcase>`;
    case "told":
      return `${head}><skipped message="${detail}"/></testcase>`;
  }
}

function sides({ expected, found }: Check): string {
  return `expected ${expected ?? "-"}, found ${found ?? "-"}`;
}

/** What XML 1.0 may not hold at all, not even escaped: most control characters, half surrogate pairs, U+FFFE and U+FFFF. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

function escaped(text: string): string {
  return text.replace(NOT_XML, "").replace(/[&<>"'\t\n\r]/g, (character) => ENTITIES[character] ?? character);
}

/** Reasons come from clusters and topics of others: nothing in them may move the cursor or colour the terminal. */
function plain(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, "?");
}
