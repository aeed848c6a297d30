import { describe, expect, it } from "vitest";
import { decodeEntry, encodeEntry } from "../../../src/pipeline/ingest/entry.ts";
import { Groups } from "../../../src/pipeline/ingest/groups.ts";
import type { Outcome } from "../../../src/pipeline/ingest/ports.ts";
import type { OutgoingMessage } from "../../../src/streams/define.ts";

function message(value: string): OutgoingMessage {
  return { key: "k", value, headers: {} };
}

describe("groups", () => {
  it("have what came while the one before was on its way, in order, one at a time", async () => {
    const seen: string[][] = [];
    let inFlight = 0;
    const groups = new Groups(async (messages) => {
      expect((inFlight += 1)).toBe(1);
      seen.push(messages.map(({ value }) => value));
      await new Promise(setImmediate);
      inFlight -= 1;
      return messages.map(({ value }): Outcome => ({ kind: "refused", reason: value }));
    });
    const first = groups.add([message("a")]);
    await new Promise((resolve) => setTimeout(resolve, 0));
    const later = await Promise.all([
      first,
      groups.add([message("b"), message("c")]),
      groups.add([message("d")]),
    ]);
    expect(
      later.map((outcomes) => outcomes.map((one) => (one.kind === "refused" ? one.reason : ""))),
    ).toEqual([["a"], ["b", "c"], ["d"]]);
    expect(seen.flat()).toEqual(["a", "b", "c", "d"]);
    expect(seen.length).toBeLessThan(4);
  });

  it("are not larger than what may wait for each other, and one that fails fails alone", async () => {
    const sizes: number[] = [];
    const groups = new Groups((messages) => {
      sizes.push(messages.length);
      if (messages[0]?.value === "bad") return Promise.reject(new Error("bad"));
      return Promise.resolve(messages.map((): Outcome => ({ kind: "spool" })));
    });
    const many = (value: string): OutgoingMessage[] => Array.from({ length: 1_500 }, () => message(value));
    const calls = [groups.add(many("a")), groups.add(many("bad")), groups.add(many("c"))];
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(sizes).toEqual([1_500, 1_500, 1_500]);
  });
});

it("an entry of the spool is the message that it was", () => {
  const kept = {
    key: 'k"\n',
    value: '{"n":12345678901234567890,"t":"ü\\u0001"}',
    headers: { event_type: "X" },
  };
  expect(decodeEntry(encodeEntry(kept))).toEqual(kept);
});
