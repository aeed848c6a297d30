import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { judge } from "../../src/pipeline/judge.ts";
import { clusterInfo } from "../../src/streams/cluster-info/stream.ts";
import { mutated, recordOf } from "../corpus/mutations.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);

it(`judges any mutation of a real message: rows, or a short printable reason, and soon (seed ${SEED})`, () => {
  fc.assert(
    fc.property(mutated, (value) => {
      const began = performance.now();
      const { sheets, rejected, accepted, taken } = judge(clusterInfo, [recordOf(value, 0n)]);
      expect(performance.now() - began).toBeLessThan(2_000 + value.length / 100);
      expect([taken, accepted + rejected.length]).toEqual([1, 1]);
      expect(JSON.parse(JSON.stringify(sheets))).toEqual(sheets);
      for (const { reason } of rejected) expect(reason).toMatch(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{10,600}$/u);
    }),
    { numRuns: 4_000, seed: SEED },
  );
});

it("makes its mutations of messages that are taken as they are, and of packed ones", () => {
  const packed = gzipSync("[]").toString("base64").slice(0, 6);
  const values = fc.sample(mutated, { numRuns: 500, seed: 1 });
  const fates = values.map((value) => judge(clusterInfo, [recordOf(value, 0n)]).accepted);
  expect(fates.filter((accepted) => accepted === 1).length).toBeGreaterThan(50);
  expect(fates.filter((accepted) => accepted === 0).length).toBeGreaterThan(50);
  expect(values.some((value) => value.includes(packed))).toBe(true);
});
