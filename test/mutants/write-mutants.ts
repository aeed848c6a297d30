import type { Mutant, NamedTest } from "./mutant.ts";

const STATEMENT = "src/postgres/write/statement.ts";
const DELIVER = "src/postgres/write/deliver.ts";
const LEDGER = "src/postgres/ledger.ts";
const ERRORS = "src/postgres/errors.ts";

const inWrite = (file: string) => (name: string) => ({
  file: `test/postgres/write/${file}.int.test.ts`,
  name,
});
const delivering = inWrite("deliver");
const tables = inWrite("columns");
const together = inWrite("writer-pool");
const ledger = (name: string): NamedTest => ({ file: "test/postgres/ledger.int.test.ts", name });

const LOST = delivering("the fence lets a process that lost its partition write nothing");
const suffering = (what: string): NamedTest => ({
  file: "test/faults/points.faults.ts",
  name: `nothing is lost or doubled when a process suffers: ${what}`,
});
const SLEEPER = suffering('stop at "cut", and its heir has claimed everything and written nothing');
const ISOLATED = delivering(
  "dead letters finds the rows that PostgreSQL refuses and stores their neighbours",
);

/** What keeps a write from being done twice, by somebody else, or in part. */
export const WRITE_MUTANTS: readonly Mutant[] = [
  {
    name: "fence-without-epoch",
    file: STATEMENT,
    is: "AND epoch = $6::bigint",
    becomes: "AND $6::bigint > 0",
    tests: [
      LOST,
      delivering(
        "the fence stops a zombie whose statement was on its way while the partition was taken over",
      ),
      { ...SLEEPER, says: "no refused write" },
    ],
  },
  {
    name: "fence-without-position",
    file: STATEMENT,
    is: "AND next_offset = $4::bigint",
    becomes: "AND $4::bigint >= 0",
    tests: [
      delivering("the fence stores rows and the offset together, and the same batch again writes nothing"),
      delivering("the fence never writes twice when two writers race over the same ranges"),
    ],
  },
  {
    name: "rows-without-fence",
    file: STATEMENT,
    is: "FROM fence${conflictClause(target)}",
    becomes: "FROM (VALUES (1)) AS anybody${conflictClause(target)}",
    tests: [LOST, SLEEPER, tables("several tables get nothing from a process that lost its partition")],
  },
  {
    name: "dead-letters-without-fence",
    file: STATEMENT,
    is: "WHERE EXISTS (SELECT FROM fence)\n  ON CONFLICT",
    becomes: "WHERE true\n  ON CONFLICT",
    tests: [delivering("the fence lets a process that lost its partition keep no dead letter either")],
  },
  {
    name: "procedure-without-fence",
    file: STATEMENT,
    is: "SELECT count(*)::integer AS fenced, sum(${name(target.procedure)}($${firstRows}::text::jsonb, 'kafka')) FROM fence",
    becomes:
      "SELECT (SELECT count(*) FROM fence)::integer AS fenced, ${name(target.procedure)}($${firstRows}::text::jsonb, 'kafka')",
    tests: [delivering("the fence lets a process that lost its partition call no procedure")],
  },
  {
    name: "together-although-one-is-fenced",
    file: STATEMENT,
    is: "HAVING clusterflow.all_hold(count(*), $8::bigint)",
    becomes: "HAVING count(*) > 0 AND $8::bigint > 0",
    tests: [together("stores the others when one partition is somebody else's, and of that one nothing")],
  },
  {
    name: "together-without-epoch",
    file: STATEMENT,
    is: "AND o.epoch = b.epoch",
    becomes: "AND b.epoch > 0",
    tests: [together("stores the others when one partition is somebody else's, and of that one nothing")],
  },
  {
    name: "together-with-what-is-refused",
    file: "src/postgres/write/together.ts",
    is: "if (taken < records.length || rejected.length + probes.length > 0) return false;",
    becomes: "if (taken < records.length || probes.length > 0) return false;",
    tests: [together("stores the others when records of one are refused, by the stream or by PostgreSQL")],
  },
  {
    name: "writers-in-any-order",
    file: STATEMENT,
    is: "const order = `\\n   ORDER BY ${same}`;",
    becomes: 'const order = "";',
    tests: [
      tables("a table with an identity is written by two writers in opposite order without a deadlock"),
    ],
  },
  {
    name: "lost-answer-taken-for-a-fence",
    file: DELIVER,
    is: 'return row !== undefined && row["epoch"] === batch.epoch && row["next_offset"] === batch.end;',
    becomes: "return row === undefined;",
    tests: [delivering("outages finds out that a statement whose answer was lost had been carried out")],
  },
  {
    name: "fence-taken-for-a-lost-answer",
    file: DELIVER,
    is: 'return row !== undefined && row["epoch"] === batch.epoch && row["next_offset"] === batch.end;',
    becomes: "return row !== undefined;",
    tests: [LOST],
  },
  {
    name: "write-of-another-taken-for-ours",
    file: DELIVER,
    is: 'row["epoch"] === batch.epoch && row["next_offset"] === batch.end',
    becomes: 'row["next_offset"] === batch.end',
    tests: [delivering("the fence does not take what its heir has written for its own")],
  },
  {
    name: "second-half-of-a-fenced-batch",
    file: DELIVER,
    is: 'if (left.kind === "fenced") return left;',
    becomes: 'if (left.kind === "fenced") return { kind: "stored", stored: 0, deadLettered: 0 };',
    tests: [delivering("the fence ends a batch that is taken in parts at the first one that is refused")],
  },
  {
    name: "bad-row-waited-for",
    file: ERRORS,
    is: '"23": "data"',
    becomes: '"23": "transient"',
    tests: [ISOLATED],
  },
  {
    name: "outage-taken-for-bad-rows",
    file: ERRORS,
    is: "return BY_SQLSTATE[code] ??",
    becomes: 'if (/^(08|53|57|58)/.test(code)) return "data";\n  return BY_SQLSTATE[code] ??',
    tests: [
      ...["08006", "53100", "57P03", "58030"].map((sqlstate) =>
        delivering(`outages waits while the server says ${sqlstate}, which no row is to blame for`),
      ),
      {
        file: "test/faults/wires.faults.ts",
        name: "nothing is lost or doubled when PostgreSQL says 53100, 53300, 40001, 40P01, 57P01, 55P03, 25006 in turn",
        says: 'word of "obstructed by 53100"',
      },
    ],
  },
  {
    name: "standby-kept",
    file: ERRORS,
    is: "return !isServerError(thrown) || codeOf(thrown) === READ_ONLY;",
    becomes: "return !isServerError(thrown);",
    tests: [
      {
        file: "test/postgres/connection.int.test.ts",
        name: "does not keep a session that may only read: the next one may be able to write",
        says: "read-only",
      },
    ],
  },
  {
    name: "dead-letter-as-text",
    file: "src/postgres/write/dead-letters.ts",
    is: "value: base64(record.value),",
    becomes: 'value: base64(record.value && Buffer.from(record.value.toString("utf8"))),',
    tests: [inWrite("dead-letters")("keeps key and value byte for byte where they are no text")],
  },
  {
    name: "later-row-beside-the-earlier-one",
    file: "src/pipeline/sheet.ts",
    is: "if (fact !== null) this.#places.set(fact, this.rows.length);",
    becomes: "",
    tests: [
      {
        file: "test/pipeline/judge.test.ts",
        name: "keeps the last row of each fact where a later one takes the place of an earlier one",
      },
    ],
  },
  {
    name: "claim-without-epoch",
    file: LEDGER,
    is: "DO UPDATE SET epoch = o.epoch + 1,",
    becomes: "DO UPDATE SET epoch = o.epoch,",
    tests: [ledger("begins where the topic does, and raises the epoch with every claim"), LOST],
  },
  {
    name: "claim-at-the-earliest-offset",
    file: LEDGER,
    is: "DO UPDATE SET epoch = o.epoch + 1,",
    becomes: "DO UPDATE SET next_offset = excluded.next_offset, epoch = o.epoch + 1,",
    tests: [
      ledger("begins where the topic does, and raises the epoch with every claim"),
      suffering('kill at "answered"'),
    ],
  },
  {
    name: "position-before-the-epoch",
    file: LEDGER,
    is: "const rows = await connection.query(CLAIM, [group, owner, JSON.stringify(asked)]);\n        return rows.map(toClaim);",
    becomes: `const before = await this.positionsOf(partitions[0]?.topic ?? "");
        const rows = await connection.query(CLAIM, [group, owner, JSON.stringify(asked)]);
        return rows.map(toClaim).map((claim) => ({ ...claim, next: before.get(claim.partition) ?? claim.next }));`,
    tests: [ledger("claims behind a write that was on its way")],
  },
  {
    name: "reset-without-epoch",
    file: LEDGER,
    is: "probes = 0, epoch = epoch + 1,",
    becomes: "probes = 0,",
    tests: [ledger("keeps whoever has the partition out once it is put elsewhere, even where it stands")],
  },
];
