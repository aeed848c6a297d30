import { expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { ChangeSheet } from "../../src/pipeline/change-sheet.ts";
import { CHANGE } from "../../src/streams/define.ts";

const remove = (id: string): JsonObject => ({ id, [CHANGE]: "delete" });
const truncate: JsonObject = { [CHANGE]: "truncate" };

function left(...changes: readonly JsonObject[]): readonly JsonObject[] {
  const sheet = new ChangeSheet({
    table: ["public", "t"],
    columns: { id: "text", a: "text", b: "text" },
    identity: ["id"],
    again: "change",
  });
  for (const change of changes) sheet.add(change);
  return sheet.rows;
}

it("keeps one change of each row, the last", () => {
  expect(left({ id: "1", a: "x", b: "x" }, { id: "2", a: "y", b: "y" }, { id: "1", a: "z", b: "z" })).toEqual(
    [
      { id: "1", a: "z", b: "z" },
      { id: "2", a: "y", b: "y" },
    ],
  );
  expect(left({ id: "1", a: "x", b: "x" }, remove("1"))).toEqual([remove("1")]);
});

it("lays a part over what was there before it in the batch", () => {
  expect(left({ id: "1", a: "x", b: "x" }, { id: "1", a: "y" })).toEqual([{ id: "1", a: "y", b: "x" }]);
  expect(left({ id: "1", a: "x" }, { id: "1", b: "y" })).toEqual([{ id: "1", a: "x", b: "y" }]);
});

it("asks the table for what is missing only where nothing is known before", () => {
  expect(left({ id: "1", a: "y" })).toEqual([{ id: "1", a: "y" }]);
  expect(left(remove("1"), { id: "1", a: "y" })).toEqual([{ id: "1", a: "y", b: null }]);
  expect(left(truncate, { id: "1", a: "y" })).toEqual([truncate, { id: "1", a: "y", b: null }]);
});

it("forgets at a truncate what came before, and deletes nothing after it", () => {
  expect(left({ id: "1", a: "x", b: "x" }, truncate, { id: "2", a: "y", b: "y" }, remove("2"))).toEqual([
    truncate,
  ]);
});
