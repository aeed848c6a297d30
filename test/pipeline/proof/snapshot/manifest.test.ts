import { expect, it } from "vitest";
import { manifestOf } from "../../../../src/pipeline/proof/snapshot/manifest.ts";
import { pod, snapshotRows } from "../../../support/snapshot-rows.ts";

const end = snapshotRows([pod("a"), pod("b")], { snapshot: "0B8F4A6E-5C1D-4F0E-9A52-3F1F3F7D2C11" }).at(-1)!;

it("reads the row that the stream makes of a seal", () => {
  expect(manifestOf(end)).toEqual({
    snapshot: "0b8f4a6e-5c1d-4f0e-9a52-3f1f3f7d2c11",
    cluster: "c-1",
    startedAt: "2026-05-01T00:00:00Z",
    parts: 4,
    objects: 2,
    kinds: [
      {
        group: "",
        resource: "pods",
        status: "complete",
        objects: 2,
        digest: BigInt(end["digest"] as string),
      },
    ],
  });
});

const kind = (end["kinds"] as Record<string, unknown>[])[0];
it.each([
  ["nothing", null],
  ["a list", []],
  ["no snapshot", { ...end, snapshot: 1 }],
  ["no cluster", { ...end, cluster: null }],
  ["no start", { ...end, started_at: undefined }],
  ["half a part", { ...end, parts: 1.5 }],
  ["fewer than no objects", { ...end, objects: -1 }],
  ["no kinds", { ...end, kinds: {} }],
  ["a kind that is none", { ...end, kinds: [kind, null] }],
  ["a kind without a resource", { ...end, kinds: [{ ...kind, resource: 1 }] }],
  ["a kind without a count", { ...end, kinds: [{ ...kind, objects: "2" }] }],
  ["a digest in hexadecimal", { ...end, kinds: [{ ...kind, digest: "ff" }] }],
  ["a digest that JSON has rounded", { ...end, kinds: [{ ...kind, digest: 1e70 }] }],
])("answers null for %s", (_, value) => {
  expect(manifestOf(value)).toBeNull();
});
