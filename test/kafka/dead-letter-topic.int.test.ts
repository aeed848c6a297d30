import { describe, expect, inject, it } from "vitest";
import { openDeadLetterTopic } from "../../src/kafka/dead-letter-topic.ts";
import { readRange, topicOffsets } from "../../src/kafka/reader.ts";
import type { Header, RawRecord } from "../../src/pipeline/ports.ts";
import type { DeadLetter } from "../../src/pipeline/relay.ts";
import { createTopic } from "../support/produce.ts";
import { testTopicName } from "../support/servers.ts";
import { Told } from "./memory-store.ts";

const signal = new AbortController().signal;
const brokers = inject("brokers");

function letterOf(change: Partial<RawRecord> = {}, id = 1n): DeadLetter {
  const record: RawRecord = {
    topic: "t",
    partition: 0,
    offset: id,
    timestamp: -1,
    key: null,
    value: null,
    headers: [],
    ...change,
  };
  const row = { stage: "decode", sqlstate: null, reason: "no", firstSeen: new Date(0) } as const;
  return { id, record, ...row, headersText: "the truth" };
}

function open(topic: string, { tell } = new Told()): ReturnType<typeof openDeadLetterTopic> {
  return openDeadLetterTopic({ settings: { brokers, topic: "t" }, topic, group: "g", stream: "s", tell });
}

async function readAll(topic: string): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  for (const { partition, low, high } of await topicOffsets({ brokers, topic }, topic)) {
    if (low === high) continue;
    const range = { topic, partition, first: low, last: high - 1n };
    await readRange({ brokers, topic }, range, (record) => void records.push(record));
  }
  return records;
}

const OWN = /^(__connect\.errors|clusterflow\.dlq)\./;
const theirs = ({ headers }: RawRecord): readonly Header[] =>
  headers.filter(([name]) => !OWN.test(String(name)));
const truthOf = ({ headers }: RawRecord): string | undefined =>
  headers.find(([name]) => name === "clusterflow.dlq.headers")?.[1]?.toString();

describe("the topic of dead letters", () => {
  it("is created when it is not there, and told", async () => {
    const topic = testTopicName("new.dlq");
    const told = new Told();
    await using dlq = open(topic, told);
    expect(await dlq.send([letterOf()], signal)).toEqual([]);
    expect(await topicOffsets({ brokers, topic }, topic)).toMatchObject([{ partition: 0, high: 1n }]);
    expect(told.reports).toMatchObject([
      { kind: "notice", text: `created topic "${topic}" with 1 partitions` },
    ]);
  });

  it("gets key and value byte for byte, null and empty told apart", async () => {
    const topic = testTopicName("bytes.dlq");
    await using dlq = open(topic);
    const bytes = [null, Buffer.alloc(0), Buffer.from([0xff, 0x00, 0xc3])];
    const letters = bytes.flatMap((key) => bytes.map((value) => letterOf({ key, value })));
    await dlq.send(letters, signal);
    const found = await readAll(topic);
    expect(found.map(({ key, value }) => [key, value])).toEqual(
      letters.map(({ record: { key, value } }) => [key, value]),
    );
  });

  it.each<[string, readonly Header[]]>([
    [
      "plain ones",
      [
        ["a", Buffer.from([0xff])],
        ["b", Buffer.alloc(0)],
      ],
    ],
    [
      "names that come twice in a row",
      [
        ["a", Buffer.from("1")],
        ["a", Buffer.from("2")],
        ["b", Buffer.from("3")],
      ],
    ],
    [
      "names of no ordinary kind",
      [
        ["__proto__", Buffer.from("1")],
        ["", Buffer.from("2")],
        ["ü", Buffer.from("3")],
      ],
    ],
  ])("gets the headers as they were: %s", async (_, headers) => {
    const topic = testTopicName("headers.dlq");
    await using dlq = open(topic);
    await dlq.send([letterOf({ headers })], signal);
    const [found] = await readAll(topic);
    expect(theirs(found!)).toEqual(headers);
    expect(truthOf(found!)).toBeUndefined();
  });

  it.each<[string, readonly Header[], readonly Header[]]>([
    [
      "a value that is null",
      [
        ["a", null],
        ["b", Buffer.from("1")],
      ],
      [["b", Buffer.from("1")]],
    ],
    ["a name that is no UTF-8", [[Buffer.from([0xff]), Buffer.from("1")]], []],
    [
      "names that come again later",
      [
        ["a", Buffer.from("1")],
        ["b", Buffer.from("2")],
        ["a", Buffer.from("3")],
      ],
      [
        ["a", Buffer.from("1")],
        ["a", Buffer.from("3")],
        ["b", Buffer.from("2")],
      ],
    ],
    [
      "numbers as names",
      [
        ["b", Buffer.from("1")],
        ["1", Buffer.from("2")],
      ],
      [
        ["1", Buffer.from("2")],
        ["b", Buffer.from("1")],
      ],
    ],
    ["names that are ours", [["__connect.errors.topic", Buffer.from("1")]], []],
  ])(
    "tells in a header of ours what the headers were when it cannot carry %s",
    async (_, headers, carried) => {
      const topic = testTopicName("truth.dlq");
      await using dlq = open(topic);
      await dlq.send([letterOf({ headers })], signal);
      const [found] = await readAll(topic);
      expect(theirs(found!)).toEqual(carried);
      expect(truthOf(found!)).toBe("the truth");
      const topics = found!.headers.filter(([name]) => name === "__connect.errors.topic");
      expect(topics.map(([, value]) => value?.toString())).toEqual(["t"]);
    },
  );

  it("names those that it never takes, and takes the others", async () => {
    const topic = testTopicName("small.dlq");
    await createTopic(brokers, topic, 1, { "max.message.bytes": "5000" });
    await using dlq = open(topic);
    const noise = Buffer.from(Array.from({ length: 9_000 }, () => Math.random() * 256));
    const letters = [letterOf({}, 1n), letterOf({ value: noise }, 2n), letterOf({}, 3n)];
    expect(await dlq.send(letters, signal)).toMatchObject([
      { letter: { id: 2n }, why: expect.stringContaining(topic) as string },
    ]);
    const offsets = (await readAll(topic)).map(({ headers }) =>
      headers.find(([name]) => name === "__connect.errors.offset")?.[1]?.toString(),
    );
    expect(offsets).toEqual(["1", "3"]);
  });

  it("fails as an outage when no broker is there", async () => {
    const settings = { brokers: ["127.0.0.1:1"], topic: "t" };
    const options = { settings, topic: "x.dlq", group: "g", stream: "s", tell: () => undefined };
    await using dlq = openDeadLetterTopic(options);
    await expect(dlq.send([letterOf()], signal)).rejects.toMatchObject({ code: "unreachable" });
  });
});
