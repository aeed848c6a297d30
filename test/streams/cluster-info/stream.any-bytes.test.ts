import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterInfo } from "../../../src/streams/cluster-info/stream.ts";
import { fixturesOf } from "../fixtures.ts";

/** Real messages to be damaged. */
const accepted = fixturesOf("cluster-info", "accepted").flatMap(({ records }) => records);
const texts = accepted.map(({ value }) => value!.toString("utf8"));

const record = fc.constantFrom(...accepted);
const anything = fc.jsonValue({ maxDepth: 3 });

function judged(value: Buffer | null, key: Buffer | null = null): void {
  const began = performance.now();
  const verdict = clusterInfo.decode({ key, value, timestamp: -1 });
  expect(performance.now() - began).toBeLessThan(10_000);
  if (verdict.kind === "rows") expect(JSON.parse(JSON.stringify(verdict.rows))).toEqual(verdict.rows);
  else
    expect(verdict.kind === "rejected" ? verdict.reason : "").toMatch(
      /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{10,600}$/u,
    );
}

/** The places of a JSON text where one value could stand instead of another. */
function replacedAt(text: string, place: number, value: unknown): string {
  const places = [
    ...text.matchAll(/(?<=[[,:])(?:"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null|\{\}|\[\])/g),
  ];
  const found = places[place % Math.max(1, places.length)];
  if (found === undefined) return text;
  return text.slice(0, found.index) + JSON.stringify(value) + text.slice(found.index + found[0].length);
}

describe("clusterInfo.decode never throws, never hangs and gives a reason", () => {
  it("for any bytes", () => {
    fc.assert(
      fc.property(fc.option(fc.uint8Array()), fc.option(fc.uint8Array()), (value, key) =>
        judged(value === null ? null : Buffer.from(value), key === null ? null : Buffer.from(key)),
      ),
      { numRuns: 500 },
    );
  });

  it("for any JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => judged(Buffer.from(text))),
      { numRuns: 500 },
    );
  });

  it("for messages with a few bytes changed, cut out or put in", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.uint8Array({ maxLength: 4 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(record, damage, ({ value, key }, changes) => {
        const bytes = changes.reduce((whole, [place, removed, added]) => {
          const at = place % (whole.length + 1);
          return Buffer.concat([whole.subarray(0, at), added, whole.subarray(at + removed)]);
        }, value!);
        judged(bytes, key);
      }),
      { numRuns: 500 },
    );
  });

  it("for messages of which one value is another", () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), anything, (text, place, value) =>
        judged(Buffer.from(replacedAt(text, place, value))),
      ),
      { numRuns: 2000 },
    );
  });

  it("for any fields under the names that messages have", () => {
    const name = fc.constantFrom(
      "type",
      "schema",
      "snapshot",
      "cluster",
      "part",
      "items",
      "encoding",
      "kinds",
      "pods",
    );
    const value = fc.oneof(
      anything,
      fc.constantFrom("objects", "snapshot.begin", "kind.end", "snapshot.end", 1, "gzip+base64", "timestamp"),
      anything.map((packed) => gzipSync(JSON.stringify(packed)).toString("base64")),
    );
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.dictionary(name, value), (text, fields) => {
        judged(Buffer.from(JSON.stringify({ ...(JSON.parse(text) as object), ...fields })));
      }),
      { numRuns: 500 },
    );
  });

  it("for a million brackets, open or closed", () => {
    judged(Buffer.from("[".repeat(1_000_000)));
    judged(Buffer.from('{"a":'.repeat(200_000)));
    judged(Buffer.from(`${"[".repeat(500_000)}${"]".repeat(500_000)}`));
  });

  it("for a field of a million letters and for an object of a hundred thousand fields", () => {
    const [text] = texts.filter((message) => message.includes('"snapshot.abort"'));
    const message = JSON.parse(text!) as object;
    judged(Buffer.from(JSON.stringify({ ...message, type: "x".repeat(1_000_000) })));
    const fields = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`f${index}`, index]));
    judged(Buffer.from(JSON.stringify({ ...message, ...fields })));
  });
});
