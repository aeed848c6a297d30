import { describe, expect, it } from "vitest";
import { peekObjects } from "../../../../src/pipeline/proof/snapshot/peek.ts";
import { clusterInfo } from "../../../../src/streams/cluster-info/stream.ts";
import { snapshotLoad } from "../../../support/produce.ts";

const messages = snapshotLoad({ cluster: "c-1", snapshots: 1, pods: 20, limit: 4096 });
const view = ({ key, value }: { key: string; value: string }): Parameters<typeof peekObjects>[0] => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
  timestamp: 0,
});
const objects = messages.find(({ value }) => value.startsWith('{"type":"objects"'))!;

describe("a peek at the collector's own messages", () => {
  it("says of every objects message what the stream's decoding says of it, and nothing of the others", () => {
    const peeked = messages.map((message) => peekObjects(view(message)));
    const decoded = messages.map((message) => {
      const answer = clusterInfo.decode(view(message));
      const [row] = answer.kind === "rows" ? answer.rows : [];
      return row?.["op"] === "objects" ? { snapshot: row["snapshot"], part: row["part"] } : null;
    });
    expect(peeked).toEqual(decoded);
    expect(peeked.filter((one) => one !== null).length).toBeGreaterThan(1);
  });

  it("takes a message without a key", () => {
    expect(peekObjects({ ...view(objects), key: null })).not.toBeNull();
    expect(peekObjects({ ...view(objects), key: Buffer.alloc(0) })).not.toBeNull();
  });
});

describe("a peek leaves to the stream's decoding", () => {
  const { value } = objects;
  it.each([
    ["a tombstone", null],
    ["nothing at all", ""],
    ["a message that was cut off", value.slice(0, -1)],
    ["another schema", value.replace('"schema":1', '"schema":2')],
    [
      "another order of fields",
      value.replace('{"type":"objects",', "{").replace(/\}$/, ',"type":"objects"}'),
    ],
    ["white space", value.replace('{"type"', '{ "type"')],
    ["a snapshot that is no uuid", value.replace(/"snapshot":"[^"]*"/, '"snapshot":"x"')],
    ["a part that is no number", value.replace(/"part":\d+/, '"part":"2"')],
    ["part 0", value.replace(/"part":\d+/, '"part":0')],
    ["a cluster with an escape", value.replace('"cluster":"c-1"', '"cluster":"c-\\u0031"')],
    ["a cluster beyond ASCII", value.replace('"cluster":"c-1"', '"cluster":"ü"')],
  ])("%s", (_, text) => {
    expect(
      peekObjects({ key: null, value: text === null ? null : Buffer.from(text), timestamp: 0 }),
    ).toBeNull();
  });

  it("a message with another cluster's key", () => {
    expect(peekObjects({ ...view(objects), key: Buffer.from("c-2") })).toBeNull();
  });
});
