import type { Mutant, NamedTest } from "./mutant.ts";

const ASSIGNMENT = "src/kafka/assignment.ts";
const HOLDS = "src/kafka/holds.ts";
const LANE = "src/kafka/partition-lane.ts";
const WATERMARKS = "src/kafka/watermarks.ts";
const RECORDS = "src/kafka/records/record-set.ts";
const SESSION = "src/kafka/consumer-session.ts";

const inKafka =
  (file: string) =>
  (name: string, says?: string): NamedTest => ({
    file: `test/kafka/${file}.test.ts`,
    name,
    ...(says === undefined ? {} : { says }),
  });
const assignment = inKafka("assignment");
const source = inKafka("source.int");
const marks = inKafka("watermarks");
const records = inKafka("records/record-set");

const ABORTED = source("the Kafka source reaches the end of a topic that ends in an aborted transaction");
const OTHER_TOPIC = source(
  "offsets that Kafka no longer has show as an error too when the topic was created anew, with 150 records",
);

/** What keeps a member to its own partitions, to their positions, and to its memory. */
export const GROUP_MUTANTS: readonly Mutant[] = [
  {
    name: "join-without-pause",
    file: ASSIGNMENT,
    is: "this.#control.pause(partitions);\n    this.#generation += 1;",
    becomes: "this.#generation += 1;",
    tests: [
      assignment(
        "an assignment stops fetching before it does anything else, and fetches again from the claimed positions",
      ),
    ],
  },
  {
    name: "claim-without-seek",
    file: ASSIGNMENT,
    is: "this.#control.seek(claim.partition, claim.next);",
    becomes: "",
    tests: [
      assignment(
        "an assignment stops fetching before it does anything else, and fetches again from the claimed positions",
      ),
    ],
  },
  {
    name: "kept-partitions-not-claimed",
    file: ASSIGNMENT,
    is: `for (const partition of [...this.#lanes.keys()]) this.#retire(partition);
    this.#queue(() => this.#settle(partitions));
  }

  accept(`,
    becomes: `const kept = [...this.#lanes].filter(([partition]) => partitions.includes(partition));
    for (const partition of [...this.#lanes.keys()]) {
      if (!partitions.includes(partition)) this.#retire(partition);
    }
    for (const [partition, lane] of kept) {
      this.#control.seek(partition, lane.expected);
      this.#control.resume(partition);
    }
    this.#queue(() => this.#settle(partitions.filter((partition) => !kept.some(([one]) => one === partition))));
  }

  accept(`,
    tests: [
      source(
        "a group of several members loses and doubles nothing when a member joins and leaves, and claims kept partitions again",
      ),
    ],
  },
  {
    name: "claim-of-an-earlier-join",
    file: ASSIGNMENT,
    is: ".then(() => (generation === this.#generation ? work() : undefined))",
    becomes: ".then(() => work())",
    tests: [
      assignment(
        "an assignment claims once for each join, and never with a claim of an earlier join behind it",
      ),
    ],
  },
  {
    name: "fetch-from-elsewhere-taken",
    file: ASSIGNMENT,
    is: "if (from !== lane.expected) {",
    becomes: "if (from < 0n) {",
    tests: ["behind", "before"].map((side) =>
      assignment(
        `an assignment takes no batch that begins ${side} the expected offset, and has it fetched where it belongs`,
      ),
    ),
  },
  {
    name: "earlier-claim-goes-on",
    file: ASSIGNMENT,
    is: "for (const partition of [...this.#lanes.keys()]) this.#retire(partition);\n    this.#queue(",
    becomes: "this.#queue(",
    tests: [assignment("an assignment delivers nothing under an earlier claim once it has joined again")],
  },
  {
    name: "fenced-claimed-without-heartbeat",
    file: "src/kafka/reclaims.ts",
    is: "performance.now() >= (this.#fences.get(partition)?.reclaimAt ?? 0)",
    becomes: "performance.now() >= 0",
    tests: [
      assignment("a fenced partition is claimed again only after a heartbeat was answered, later each time"),
    ],
  },
  {
    name: "position-never-out-of-range",
    file: ASSIGNMENT,
    is: "if (fault !== null) throw fault;\n      this.#control",
    becomes: "this.#control",
    tests: [
      assignment("an assignment fails when what it expects is gone from the topic"),
      source("offsets that Kafka no longer has are noticed also when they go while the consumer is held up"),
    ],
  },
  {
    name: "claim-never-out-of-range",
    file: ASSIGNMENT,
    is: "if (claims.every((claim) => faultOf(claim, marks) === null)) return;",
    becomes: "if (claims.length >= 0) return;",
    tests: [OTHER_TOPIC],
  },
  {
    name: "topic-by-name-alone",
    file: WATERMARKS,
    is: "claim.topicId !== null && marks.topicId !== null && claim.topicId !== marks.topicId",
    becomes: "claim.topicId !== null && marks.topicId === null",
    tests: [
      marks(
        "positionFault does not take a topic that was created anew for the one before, however far it has grown",
      ),
      OTHER_TOPIC,
    ],
  },
  {
    name: "queue-without-bound",
    file: HOLDS,
    is: 'if (this.#isAbove(lane, lanes, 1)) this.hold(lane, "full");',
    becomes: "",
    tests: [
      assignment(
        "an assignment holds a partition that has its share while all together have the whole, and lets it go before it runs dry",
      ),
      source("a consumer that delivers slowly stops fetching when its queue is full, and loses nothing"),
    ],
  },
  {
    name: "full-queue-for-ever",
    file: HOLDS,
    is: 'if (!this.#isAbove(lane, lanes, RELEASE_SHARE)) this.release(lane, "full");',
    becomes: "",
    tests: [
      assignment(
        "an assignment holds a partition that has its share while all together have the whole, and lets it go before it runs dry",
      ),
    ],
  },
  {
    name: "queue-kept-after-a-fence",
    file: LANE,
    is: "this.state = state;\n    this.#queue.clear();",
    becomes: "this.state = state;",
    tests: [
      source(
        "the end of a run lets the batch on its way come down, begins no other, and leaves nothing open",
      ),
    ],
  },
  {
    name: "end-is-the-last-record",
    file: SESSION,
    is: "end: BigInt(batch.lastOffset()) + 1n,",
    becomes: "end: messages.length > 0 ? BigInt(messages.at(-1)!.offset) + 1n : BigInt(batch.fetchedOffset),",
    tests: [ABORTED],
  },
  {
    name: "empty-batches-unseen",
    file: "src/kafka/client.ts",
    is: "  patchEmptyBatches();\n",
    becomes: "",
    tests: [ABORTED],
  },
  {
    name: "compacted-end-unseen",
    file: RECORDS,
    is: "if (lastOffsetDelta > last) messages.push(gapUpTo(lastOffsetDelta, context));",
    becomes: "void gapUpTo;",
    tests: [
      records(
        "a record set is read as kafkajs reads it, and compacted ends are not lost sight of",
        "failed after",
      ),
    ],
  },
  {
    name: "key-of-zeros-ends-a-transaction",
    file: RECORDS,
    is: "if (!batchContext.inTransaction || isControlRecord) return record;",
    becomes: "if (offset >= 0n || !batchContext.inTransaction || isControlRecord) return record;",
    tests: [records("a record set does not take a key of four zero bytes for the end of a transaction")],
  },
  {
    name: "codec-unknown",
    file: "src/kafka/client.ts",
    is: "  registerCodecs();\n",
    becomes: "",
    tests: [
      source(
        "the Kafka source reads a message of several megabytes without key and headers in each of Kafka's compressions",
        "compression not implemented",
      ),
    ],
  },
];
