import { describe, expect, it } from "vitest";
import { kafkaNotReady } from "../../src/local/kafka-probe.ts";
import { answering } from "../support/answering.ts";

const expected = { clusterId: "2gckrHKVTnHynltLCa0x-g", brokers: 1 };

function frame(body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string | null): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value === null ? -1 : value.length);
  return Buffer.concat([bytes, Buffer.from(value ?? "")]);
}

/** ApiVersions version 0 without an error, and Metadata version 2 with so many brokers. */
function answers(brokers: number, clusterId: string): Buffer {
  const versions = Buffer.concat([int32(1), Buffer.alloc(2), int32(0)]);
  const each = Array.from({ length: brokers }, (_, at) =>
    Buffer.concat([int32(at + 1), text("127.0.0.1"), int32(9092 + at), text(null)]),
  );
  const metadata = Buffer.concat([int32(2), int32(brokers), ...each, text(clusterId), int32(1), int32(0)]);
  return Buffer.concat([frame(versions), frame(metadata)]);
}

async function probed(answer: Buffer, expectation = expected): Promise<string | null> {
  await using server = await answering((_, socket) => socket.write(answer));
  return await kafkaNotReady(server.port, expectation, 300);
}

describe("a broker", () => {
  it("is ready when it knows all brokers of the cluster that was made", async () => {
    expect(await probed(answers(1, expected.clusterId))).toBeNull();
    expect(await probed(answers(3, expected.clusterId), { ...expected, brokers: 3 })).toBeNull();
  });

  it("is not ready while it does not know itself or another one", async () => {
    expect(await probed(answers(0, expected.clusterId))).toBe("it sees 0 of 1 brokers");
    expect(await probed(answers(2, expected.clusterId), { ...expected, brokers: 3 })).toBe(
      "it sees 2 of 3 brokers",
    );
  });

  it("is not the one that was started when it belongs to another cluster", async () => {
    expect(await probed(answers(1, "another"))).toBe(
      "a broker of another cluster (another) answers on its port",
    );
  });

  it("is not ready when it answers ApiVersions with an error", async () => {
    const answer = answers(1, expected.clusterId);
    answer.writeInt16BE(35, 8);
    expect(await probed(answer)).toBe("it answers ApiVersions with error 35");
  });

  it("is not whatever else answers there", async () => {
    expect(await probed(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))).toBe(
      "whatever answers on its port is not Kafka",
    );
    const cut = Buffer.concat([frame(Buffer.alloc(10)), frame(Buffer.alloc(4))]);
    expect(await probed(cut)).toBe("whatever answers on its port is not Kafka");
  });

  it("is not ready when it answers only half", async () => {
    expect(await probed(answers(1, expected.clusterId).subarray(0, 20))).toBe("no answer within 300 ms");
  });
});
