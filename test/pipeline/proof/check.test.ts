import { expect, it } from "vitest";
import { checkOf, failed, fine, pending, told } from "../../../src/pipeline/proof/check.ts";

const head = { id: "stored", title: "it is so" } as const;

it("is as bad as its worst finding, and says the worst first", () => {
  const all = [told("d"), fine("c"), pending("b"), failed("a")];
  expect(checkOf(head, all)).toEqual({
    ...head,
    status: "failed",
    detail: "a; b; c; d",
    expected: null,
    found: null,
  });
  expect(checkOf(head, all.slice(0, 3)).status).toBe("pending");
  expect(checkOf(head, all.slice(0, 2)).status).toBe("ok");
});

it("is not ok when nothing was compared", () => {
  expect(checkOf(head, [told("it is away")]).status).toBe("told");
  expect(checkOf(head, [])).toMatchObject({ status: "told", detail: "there is nothing to look at" });
});

it("shows five findings of a kind and counts the rest", () => {
  const many = Array.from({ length: 8 }, (_, n) => failed(`f${n}`));
  expect(checkOf(head, [...many, told("t")]).detail).toBe("f0; f1; f2; f3; f4; and 3 more of this kind; t");
});
