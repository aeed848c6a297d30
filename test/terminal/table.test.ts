import { expect, it } from "vitest";
import { table } from "../../src/terminal/table.ts";

it("aligns columns and leaves no white space at the end of lines", () => {
  expect(
    table(
      ["kind", "objects"],
      [
        ["pods", "12"],
        ["persistentvolumes", "3"],
      ],
    ),
  ).toBe("kind               objects\npods               12\npersistentvolumes  3");
});
