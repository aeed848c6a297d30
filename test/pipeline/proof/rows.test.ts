import { describe, expect, it } from "vitest";
import { RowTally, suspectOf, type AnsweredRow } from "../../../src/pipeline/proof/row-tally.ts";
import { judgeRowCounts, judgeRowDigests, type TableRows } from "../../../src/pipeline/proof/rows.ts";

const place = { partition: 0, offset: 7n };
const answered = (
  expected: string | null,
  found: string | null,
  more: Partial<AnsweredRow> = {},
): AnsweredRow => ({
  ...{ at: 0, isSame: false, wants: "row", times: 1, identity: ["1"], expectedDigest: 5n, foundDigest: 6n },
  expected: ["1", expected],
  found: ["1", found],
  ...more,
});
function tableOf(
  rows: readonly AnsweredRow[],
  column = "note",
  again: TableRows["again"] = "keep",
): TableRows {
  const tally = new RowTally();
  tally.add({ same: 3n, digest: 10n });
  tally.condemn(rows.map((row) => suspectOf(row, place, ["id", column], ["id"])));
  return tally.result({ table: ["shop", "orders"], again }, null, null);
}
const evidence = (table: TableRows) => ({ tables: [table], refused: 0, firstRefused: null });

describe("rows of a table", () => {
  it("are told by the part in which long values differ", () => {
    const long = "x".repeat(200);
    const { detail } = judgeRowDigests(evidence(tableOf([answered(`${long}A tail`, `${long}B tail`)])));
    expect(detail).toBe(
      'partition 0 offset 7: shop.orders (id "1") has note "…xxxxxxxxxxxxB tail", and the message makes note "…xxxxxxxxxxxxA tail"',
    );
  });

  it("keep what is named like a secret to themselves", () => {
    const { detail, expected, found } = judgeRowDigests(
      evidence(tableOf([answered("a", null)], "api_token")),
    );
    expect([detail, expected, found]).toEqual([
      'partition 0 offset 7: shop.orders (id "1") has api_token NULL, and the message makes api_token ***',
      "api_token ***",
      "api_token NULL",
    ]);
  });

  it("are dropped by a statement before the topic is read again, where the first one is kept", () => {
    const digest = (again: TableRows["again"]) =>
      judgeRowDigests(evidence(tableOf([answered("a", "b", { identity: ["o'1"] })], "note", again))).remedy;
    expect([digest("keep"), digest("replace")]).toEqual([
      { step: "replay", statement: `DELETE FROM "shop"."orders" WHERE ("id" = 'o''1')` },
      { step: "replay" },
    ]);
  });

  it("are not more than the table has, where several messages make one", () => {
    const found = { ...tableOf([]), total: 2n };
    expect(judgeRowCounts(evidence(found))).toMatchObject({
      status: "ok",
      expected: "3 rows, some by several messages",
      found: "2 rows",
      detail: "shop.orders: 3 rows made, some by several messages, all among the 2 found",
    });
  });

  it("are counted where they are too many to be named", () => {
    const missing = answered("a", null, { times: 0, found: null, foundDigest: 0n });
    const check = judgeRowCounts(evidence(tableOf(Array.from({ length: 30 }, () => missing))));
    expect(check).toMatchObject({ status: "failed", expected: "a row", found: "none" });
    expect(check.detail).toContain("and 16 more of this kind");
    const sums = tableOf([missing]);
    expect([sums.expected, sums.found, sums.expectedDigest, sums.foundDigest]).toEqual([4n, 3n, 15n, 10n]);
  });
});
