import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { isJsonList, isJsonObject, type Json } from "../../src/core/json.ts";
import type { RawRecord } from "../../src/pipeline/ports.ts";
import { fixturesOf } from "../streams/fixtures.ts";

/** Every message that the stream accepts, of both forms, to be damaged. */
const MESSAGES: readonly Buffer[] = fixturesOf("cluster-info", "accepted").flatMap(({ records }) =>
  records.flatMap(({ value }) => (value === null ? [] : [value])),
);
/** What stands where it should not: each broke a reader once. */
const ODD: readonly Json[] = [
  ...[null, true, "", 0, -1, 1.5, 2_147_483_648, 1e308, 5e-324, [], {}, [[]], "\u0000", "\uD800", "infinity"],
  ...[
    "9".repeat(400),
    "x".repeat(3000),
    "é".repeat(700),
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
  ],
  ...[
    "00000000-0000-0000-0000-000000000000",
    "1e999999999",
    "-0",
    "\u001b[2J",
    "'); DROP TABLE x; --",
    "\\N",
  ],
];

const message = fc.constantFrom(...MESSAGES);
const place = fc.nat();

const flipped = fc.tuple(message, place, fc.nat(7)).map(([bytes, at, bit]) => {
  const copy = Buffer.from(bytes);
  const index = at % copy.length;
  copy.writeUInt8(copy.readUInt8(index) ^ (1 << bit), index);
  return copy;
});
const cut = fc.tuple(message, place).map(([bytes, at]) => bytes.subarray(0, at % bytes.length));
const spliced = fc.tuple(message, message, place, place).map(([left, right, from, to]) => {
  return Buffer.concat([left.subarray(0, from % left.length), right.subarray(to % right.length)]);
});
const changed = fc
  .tuple(
    message,
    fc.array(fc.tuple(place, fc.constantFrom("replace", "remove", "double"), odd()), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([bytes, changes]) =>
    changes.reduce<Json>((root, [at, how, value]) => changeAt(root, at, how, value), parsed(bytes)),
  );

/** Damage to the bytes, and to the values that they mean; what was changed may come packed. */
export const mutated: fc.Arbitrary<Buffer> = fc.oneof(
  flipped,
  cut,
  spliced,
  { arbitrary: changed.map((root) => Buffer.from(JSON.stringify(root))), weight: 5 },
  { arbitrary: changed.map((root) => Buffer.from(JSON.stringify(packedAnew(root)))), weight: 2 },
);

export function recordOf(value: Buffer, offset: bigint): RawRecord {
  return { topic: "mutations", partition: 0, offset, timestamp: -1, key: null, value, headers: [] };
}

function odd(): fc.Arbitrary<Json> {
  return fc.oneof(fc.constantFrom(...ODD), fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>);
}

function parsed(bytes: Buffer): Json {
  return JSON.parse(bytes.toString("utf8")) as Json;
}

type How = "replace" | "remove" | "double";

/** The value with its n-th member, counted over all levels, changed. */
function changeAt(root: Json, at: number, how: How, value: Json): Json {
  let left = at % Math.max(1, membersOf(root));
  const walk = (node: Json): Json => {
    if (!isJsonObject(node) && !isJsonList(node)) return node;
    const pairs = Object.entries(node).flatMap(([name, member]): [string, Json][] => {
      left -= 1;
      if (left !== -1) return [[name, walk(member)]];
      if (how === "remove") return [];
      return how === "replace"
        ? [[name, value]]
        : [
            [name, member],
            [`${name}2`, member],
          ];
    });
    return isJsonObject(node) ? Object.fromEntries(pairs) : pairs.map(([, member]) => member);
  };
  return walk(root);
}

function membersOf(node: Json): number {
  if (!isJsonObject(node) && !isJsonList(node)) return 0;
  return Object.values(node).reduce((sum: number, member: Json) => sum + 1 + membersOf(member), 0);
}

/** The same message with its objects packed, where it has any. */
function packedAnew(root: Json): Json {
  if (!isJsonObject(root) || !Array.isArray(root["items"])) return root;
  const items = gzipSync(JSON.stringify(root["items"])).toString("base64");
  return { ...root, encoding: "gzip+base64", items };
}
