import { expect, it } from "vitest";
import {
  aside,
  checkOf,
  failed,
  fine,
  pending,
  told,
  type Finding,
} from "../../../src/pipeline/proof/check.ts";

const head = { id: "stored", title: "it is so", expected: "2 rows", found: "2 rows" } as const;
const sides = { expected: "1 part", found: "none" };
const bad = (text: string): Finding => failed(text, sides, { step: "collect" });

it("is as bad as its worst finding, and says the worst first", () => {
  const all = [told("d"), fine("c"), pending("b"), bad("a")];
  expect(checkOf(head, all)).toEqual({
    ...head,
    status: "failed",
    detail: "a; b; c; d",
    ...sides,
    remedy: { step: "collect" },
  });
  expect(checkOf(head, all.slice(0, 3)).status).toBe("pending");
  expect(checkOf(head, all.slice(0, 2)).status).toBe("ok");
});

it("shows the sides of its first fault, which differ, and those of the whole when nothing is wrong", () => {
  const other = failed("z", { expected: "x", found: "y" }, { step: "replay" });
  expect(checkOf(head, [fine("c"), bad("a"), other])).toMatchObject(sides);
  expect(checkOf(head, [fine("c")])).toMatchObject({ expected: "2 rows", found: "2 rows", remedy: null });
});

it("tells a fault where nobody asks about it", () => {
  expect([bad("a"), pending("b"), fine("c"), told("d")].map(aside)).toEqual([
    told("a"),
    told("b"),
    fine("c"),
    told("d"),
  ]);
});

it("is not ok when nothing was compared", () => {
  expect(checkOf(head, [told("it is away")]).status).toBe("told");
  expect(checkOf(head, [])).toMatchObject({ status: "told", detail: "there is nothing to look at" });
});

it("shows five findings of a kind and counts the rest", () => {
  const many = Array.from({ length: 8 }, (_, n) => bad(`f${n}`));
  expect(checkOf(head, [...many, told("t")]).detail).toBe("f0; f1; f2; f3; f4; and 3 more of this kind; t");
});
