import type { Mutant, NamedTest } from "./mutant.ts";

const FAILOVER = "src/pipeline/ingest/failover.ts";
const SHEET = "src/pipeline/change-sheet.ts";
const CLAUSES = "src/postgres/write/change-clauses.ts";
const SPOOL = "src/spool/spool.ts";

const coming = (what: string): NamedTest => ({
  file: "test/pipeline/ingest/failover.test.ts",
  name: `events while Kafka comes and goes are all in the topic, ${what}`,
});
const ORDERED = coming("the first time in their order, and none waits when it is back");
const ENDING = coming("in their order, also when the process ends now and then");
const NOT_OVERTAKEN = {
  ...ORDERED,
  name: "events while Kafka comes and goes are not overtaken while they are on their way to the disk",
};
const sheet = (name: string): NamedTest => ({ file: "test/pipeline/change-sheet.test.ts", name });
const clauses = (name: string): NamedTest => ({
  file: "test/postgres/write/change-clauses.int.test.ts",
  name,
});
const MODEL = {
  ...clauses(
    "comes to what a plain model says, however it is cut into batches, and again when all is replayed",
  ),
  says: "Property failed",
};

/** What keeps posted events in their order and once, and the copies of other tables what those are. */
export const INGEST_MUTANTS: readonly Mutant[] = [
  {
    name: "back-while-one-is-on-its-way-to-the-disk",
    file: FAILOVER,
    is: " && !this.#isStoring",
    becomes: "",
    tests: [NOT_OVERTAKEN],
  },
  {
    name: "straight-to-kafka-after-a-failure",
    file: FAILOVER,
    is: "if (error !== null) this.#lose(error);",
    becomes: "",
    tests: [ORDERED],
  },
  {
    name: "replayed-in-part-confirmed-in-whole",
    file: FAILOVER,
    is: "chunk.upTo - chunk.entries.length + places.length",
    becomes: "chunk.upTo",
    tests: [ENDING],
  },
  {
    name: "in-doubt-taken-for-stored",
    file: FAILOVER,
    is: "const rest = messages.slice(sent.places.length);",
    becomes: "const rest = messages.slice(sent.places.length + 1);",
    tests: [ORDERED],
  },
  {
    name: "confirmed-entries-read-again",
    file: SPOOL,
    is: "frame.entries.slice(Math.max(0, this.#confirmed - frame.sequence))",
    becomes: "frame.entries",
    tests: [
      {
        file: "test/spool/spool.test.ts",
        name: "a spool gives back what was appended, in order, until it is confirmed",
      },
    ],
  },
  {
    name: "damaged-length-believed",
    file: "src/spool/frame.ts",
    is: "if (crc32(bytes.subarray(0, SUM_AT)) !== bytes.readUInt32BE(SUM_AT)) return null;",
    becomes: "",
    tests: [
      {
        file: "test/spool/recover.test.ts",
        name: "a damaged spool is refused whichever bit is flipped, with the file and what to do",
      },
    ],
  },
  {
    name: "part-of-a-row-over-nothing",
    file: SHEET,
    is: "...(isGone ? this.#unknown : before)",
    becomes: "...this.#unknown",
    tests: [sheet("lays a part over what was there before it in the batch"), MODEL],
  },
  {
    name: "truncate-leaves-what-came-before",
    file: SHEET,
    is: "this.#changes.clear();",
    becomes: "",
    tests: [sheet("forgets at a truncate what came before, and deletes nothing after it"), MODEL],
  },
  {
    name: "missing-value-overwrites",
    file: CLAUSES,
    is: "WHEN '1' THEN o.",
    becomes: "WHEN '-' THEN o.",
    tests: [clauses("takes a missing value from the table, and knows none for a row that is not there")],
  },
  {
    name: "changes-without-fence",
    file: CLAUSES,
    is: "    FROM fence",
    becomes: "    FROM (VALUES (1)) AS anybody",
    tests: [clauses("deletes and empties nothing for a process that lost its partition")],
  },
];
