import { expect, it } from "vitest";
import { literal } from "../../../src/postgres/cutover/row-text.ts";

it("a text in SQL means the same whether a backslash is one or begins an escape", () => {
  expect(literal("it's")).toBe("'it''s'");
  expect(literal("a\\'b")).toBe("E'a\\\\''b'");
});
