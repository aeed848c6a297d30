import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MESSAGE_OVERHEAD_BYTES, packRequests } from "../../src/kafka/produce-request.ts";
import type { OutgoingMessage } from "../../src/streams/define.ts";

const topic = { name: "t", partitions: 3, maxMessageBytes: 2_000 };
const limit = topic.maxMessageBytes - MESSAGE_OVERHEAD_BYTES;
const bytesOf = ({ key, value, headers }: OutgoingMessage): number =>
  Buffer.byteLength(key + value + Object.entries(headers).flat().join(""));

const message: fc.Arbitrary<OutgoingMessage> = fc.record({
  key: fc.string({ unit: "grapheme", maxLength: 5 }),
  value: fc.nat(1_200).map((length) => "x".repeat(length)),
  headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 20 }), {
    maxKeys: 3,
  }),
});

describe("packRequests", () => {
  it("keeps every message, in order, in requests no larger than the topic takes", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
        const requests = packRequests(messages, topic);
        expect(requests.flat().map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(messages);
        for (const request of requests) {
          expect(request.length).toBeGreaterThan(0);
          expect(request.reduce((sum, one) => sum + bytesOf(one), 0)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it("puts the same key into the same partition as Java's producer", () => {
    const keys = ["a", "b", "foobar", "cluster-7"];
    const placed = packRequests(
      keys.map((key) => ({ key, value: "", headers: {} })),
      { ...topic, partitions: 100 },
    ).flat();
    // Utils.toPositive(Utils.murmur2(key)) % 100 of kafka-clients 4.3.1
    expect(placed.map(({ partition }) => partition)).toEqual([24, 96, 66, 83]);
  });

  it("takes a message of exactly the limit and refuses one byte more with a sentence", () => {
    const of = (bytes: number): OutgoingMessage => ({ key: "k", value: "x".repeat(bytes - 1), headers: {} });
    expect(packRequests([of(limit), of(limit)], topic)).toHaveLength(2);
    expect(() => packRequests([of(limit + 1)], topic)).toThrow(
      `a message with key "k" has ${limit + 1} bytes, topic "t" takes ${limit}`,
    );
  });
});
