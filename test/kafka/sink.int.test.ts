import { randomUUID } from "node:crypto";
import { describe, expect, inject, it } from "vitest";
import type { MessageSink } from "../../src/pipeline/ports.ts";
import { readRange, topicOffsets } from "../../src/kafka/reader.ts";
import { openKafkaSink } from "../../src/kafka/sink.ts";
import type { OutgoingMessage } from "../../src/streams/define.ts";
import { Told } from "./memory-store.ts";

const signal = new AbortController().signal;

async function openSink(
  partitions = 1,
  config: Readonly<Record<string, string>> = {},
): Promise<{ sink: MessageSink; topic: string }> {
  const topic = `t-${randomUUID()}`;
  const settings = { brokers: inject("brokers"), topic };
  const profile = { name: topic, partitions, config };
  const tell = new Told().tell;
  return {
    sink: await openKafkaSink({ settings, topic: profile, tell, signal, giveUpAfterMs: 10_000 }),
    topic,
  };
}

async function readAll(topic: string): Promise<{ partition: number; offset: bigint; text: string }[]> {
  const settings = { brokers: inject("brokers"), topic };
  const found: { partition: number; offset: bigint; text: string }[] = [];
  for (const { partition, low, high } of await topicOffsets(settings, topic)) {
    await readRange(
      settings,
      { topic, partition, first: low, last: high - 1n },
      ({ offset, key, value, headers }) => {
        found.push({ partition, offset, text: [key, value, ...headers.flat()].join("|") });
      },
    );
  }
  return found;
}

const message = (key: string, value: string): OutgoingMessage => ({
  key,
  value,
  headers: { "clusterflow-id": value },
});

describe("the Kafka sink", () => {
  it("writes in order per key and says which offsets the messages came to lie at", async () => {
    const { sink, topic } = await openSink(3);
    await using open = sink;
    const messages = Array.from({ length: 300 }, (_, n) => message(`key-${n % 7}`, String(n)));
    const ranges = await open.write(messages, signal);
    const found = await readAll(topic);
    expect(found).toHaveLength(300);
    for (const key of [0, 1, 2, 3, 4, 5, 6]) {
      const values = found
        .filter(({ text }) => text.startsWith(`key-${key}|`))
        .map(({ text }) => Number(text.split("|")[1]));
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
    const covered = ranges.flatMap(({ partition, first, last }) =>
      Array.from({ length: Number(last - first) + 1 }, (_, n) => `${partition}:${first + BigInt(n)}`),
    );
    expect(covered.toSorted()).toEqual(
      found.map(({ partition, offset }) => `${partition}:${offset}`).toSorted(),
    );
    const next = await open.write([message("key-0", "next")], signal);
    const before = found.filter(({ partition }) => partition === next[0]!.partition).length;
    expect(next).toMatchObject([{ topic, first: BigInt(before), last: BigInt(before) }]);
  });

  it("carries key, value and headers as they are", async () => {
    const { sink, topic } = await openSink();
    await using open = sink;
    await open.write(
      [{ key: "ключ", value: '{"a":"ü"}', headers: { "clusterflow-schema": "1", x: "" } }],
      signal,
    );
    expect((await readAll(topic)).map(({ text }) => text)).toEqual([
      'ключ|{"a":"ü"}|clusterflow-schema|1|x|',
    ]);
  });

  it("takes messages as large as it says and refuses larger ones before anything is sent", async () => {
    const { sink, topic } = await openSink(1, { "max.message.bytes": "300000" });
    await using open = sink;
    expect(open.maxMessageBytes).toBeLessThan(300_000);
    // what cannot be compressed
    const noise = (bytes: number): string =>
      Buffer.from(Array.from({ length: bytes }, () => 33 + Math.random() * 90)).toString("latin1");
    const largest = { key: "", value: noise(open.maxMessageBytes), headers: {} };
    await open.write([largest, largest], signal);
    await expect(open.write([message("k", "small"), { ...largest, key: "k" }], signal)).rejects.toMatchObject(
      { code: "data", hint: expect.stringContaining("max.message.bytes") as string },
    );
    expect(await topicOffsets({ brokers: inject("brokers"), topic }, topic)).toMatchObject([{ high: 2n }]);
  });

  it("keeps the order of writes that were begun before the ones before them ended", async () => {
    const { sink, topic } = await openSink();
    await using open = sink;
    await Promise.all(Array.from({ length: 20 }, (_, n) => open.write([message("k", String(n))], signal)));
    expect((await readAll(topic)).map(({ text }) => text.split("|")[1])).toEqual(
      Array.from({ length: 20 }, (_, n) => `${n}`),
    );
  });

  it("leaves nothing open", async () => {
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
    const before = sockets();
    const { sink } = await openSink();
    await sink.write([message("k", "v")], signal);
    await sink[Symbol.asyncDispose]();
    await expect.poll(sockets).toBe(before);
  });
});
