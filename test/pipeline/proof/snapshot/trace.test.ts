import { describe, expect, it } from "vitest";
import type { RawRecord } from "../../../../src/pipeline/ports.ts";
import { TopicTrace, type SnapshotTrace } from "../../../../src/pipeline/proof/snapshot/trace.ts";
import { clusterInfo } from "../../../../src/streams/cluster-info/stream.ts";
import { fixturesOf } from "../../../streams/fixtures.ts";
import { snapshotLoad } from "../../../support/produce.ts";

interface Message {
  readonly key: string | null;
  readonly value: string;
}
const load = (snapshots = 1): Message[] => snapshotLoad({ cluster: "c-1", snapshots, pods: 9, limit: 3000 });

function record({ key, value }: Message, offset: number, partition = 0): RawRecord {
  const bytes = key === null ? null : Buffer.from(key);
  return {
    topic: "t",
    partition,
    offset: BigInt(offset),
    timestamp: 1000 + offset,
    key: bytes,
    value: Buffer.from(value),
    headers: [],
  };
}
function traceOf(messages: readonly Message[], deadLettered: readonly number[] = []): TopicTrace {
  const trace = new TopicTrace(clusterInfo);
  messages.forEach((message, at) => {
    trace.see(record(message, at), deadLettered.includes(at) ? "dead-lettered" : "other");
  });
  return trace;
}
function only(trace: TopicTrace): SnapshotTrace {
  expect(trace.snapshots).toHaveLength(1);
  return trace.snapshots[0]!;
}

describe("a snapshot in the topic", () => {
  it("is known by its parts, its seal and where it lies", () => {
    const messages = load();
    const found = only(traceOf(messages));
    expect(found.seal?.manifest).toMatchObject({ cluster: "c-1", parts: messages.length - 1, objects: 9 });
    expect(found.seal).toMatchObject({
      offset: BigInt(messages.length - 1),
      timestamp: 999 + messages.length,
    });
    expect(found).toMatchObject({ partition: 0, first: 0n, last: BigInt(messages.length - 1), repeated: 0 });
    expect([found.parts.size, found.messages]).toEqual([messages.length - 1, messages.length]);
  });

  it("is told from others between whose messages it lies", () => {
    const [one, two] = [load(), load()];
    const mixed = one.flatMap((message, at) => [message, two[at]!]);
    expect(traceOf(mixed).snapshots.map(({ parts, seal }) => parts.size === seal?.manifest.parts)).toEqual([
      true,
      true,
    ]);
  });

  it("counts every message that came twice, the seal too", () => {
    const messages = load();
    const found = only(traceOf([...messages, ...messages]));
    expect(found).toMatchObject({ repeated: messages.length, messages: 2 * messages.length });
    expect(found.parts.size).toBe(messages.length - 1);
    expect(found.seal?.offset).toBe(BigInt(messages.length - 1));
    expect(found.last).toBe(BigInt(2 * messages.length - 1));
  });

  it("has no seal while that was not sent", () => {
    expect(only(traceOf(load().slice(0, -1))).seal).toBeNull();
  });

  it("notes the partitions into which its messages strayed", () => {
    const trace = new TopicTrace(clusterInfo);
    load().forEach((message, at) => trace.see(record(message, at, at === 2 ? 1 : 0), "other"));
    expect([...only(trace).strays]).toEqual([1]);
  });

  it("does not take for a stray what came again in another partition", () => {
    const trace = new TopicTrace(clusterInfo);
    const messages = load();
    messages.forEach((message, at) => trace.see(record(message, at, 0), "other"));
    messages.forEach((message, at) => trace.see(record(message, at, 1), "other"));
    expect([...only(trace).strays]).toEqual([]);
    expect(only(trace).repeated).toBe(messages.length);
  });

  it("is given up with its reason", () => {
    const [begin] = load();
    const { snapshot } = JSON.parse(begin!.value) as { snapshot: string };
    const abort = { type: "snapshot.abort", schema: 1, snapshot, cluster: "c-1", reason: "interrupted" };
    const found = only(traceOf([begin!, { key: "c-1", value: JSON.stringify(abort) }]));
    expect(found).toMatchObject({ aborted: "interrupted", seal: null, repeated: 0 });
  });
});

describe("a snapshot in one message", () => {
  const fixture = fixturesOf("cluster-info", "accepted").find(
    ({ name }) => name === "collector-snapshot.json",
  )!;
  const message = { key: null, value: fixture.records[0]!.value!.toString() };

  it("is recognised as whole", () => {
    const found = only(traceOf([message]));
    expect(found).toMatchObject({ first: 0n, last: 0n, messages: 1, repeated: 0 });
    expect(found.parts.size).toBe(found.seal?.manifest.parts);
    expect(found.seal?.manifest.objects).toBeGreaterThan(5);
  });

  it("that came twice is one message too many, whatever it holds", () => {
    expect(only(traceOf([message, message]))).toMatchObject({ messages: 2, repeated: 1 });
  });
});

describe("a record that the stream refuses", () => {
  it("belongs to no snapshot and is counted, the first with its place", () => {
    const trace = traceOf([
      { key: null, value: "nonsense" },
      { key: null, value: "[]" },
    ]);
    expect(trace.snapshots).toEqual([]);
    expect(trace.refused).toBe(2);
    expect(trace.firstRefused).toMatchObject({
      partition: 0,
      offset: 0n,
      reason: expect.stringContaining("not JSON") as string,
    });
  });

  it("does not count as a part, and its snapshot names its place, once it is known as a dead letter", () => {
    const messages = load();
    const at = messages.findIndex(({ value }) => value.startsWith('{"type":"objects"'));
    messages[at] = { ...messages[at]!, value: messages[at]!.value.replaceAll('"uid":', '"diu":') };
    const found = only(traceOf(messages, [at]));
    expect([found.parts.size, found.parts.has(at + 1), found.refusedAt]).toEqual([
      messages.length - 2,
      false,
      BigInt(at),
    ]);
  });

  it("is left in its snapshot when the dead letter is of an earlier pass and its record is fine", () => {
    const messages = load();
    const found = only(traceOf(messages, [1]));
    expect([found.parts.size, found.refusedAt]).toEqual([messages.length - 1, 1n]);
  });
});
