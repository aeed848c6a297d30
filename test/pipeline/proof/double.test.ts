import { expect, it } from "vitest";
import { judgeDoubles } from "../../../src/pipeline/proof/double.ts";

it("is ok when nothing is there twice, and says what was looked for", () => {
  const check = judgeDoubles([
    { what: "snapshots with several rows", times: 0n, example: null },
    { what: "dead letters kept twice", times: 0n, example: null },
  ]);
  expect(check).toMatchObject({ status: "ok", expected: "0", found: "0" });
  expect(check.detail).toBe("no snapshots with several rows, no dead letters kept twice");
});

it("fails with an example of what is there twice", () => {
  const check = judgeDoubles([
    { what: "snapshots with several rows", times: 1n, example: "s-1" },
    { what: "dead letters kept twice", times: 0n, example: null },
  ]);
  expect(check).toMatchObject({ status: "failed", found: "1" });
  expect(check.detail).toBe("1 snapshots with several rows, such as s-1");
});

it("claims nothing where there is no table to look at", () => {
  expect(judgeDoubles([]).status).toBe("told");
});
