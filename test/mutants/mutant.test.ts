import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { mutate } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";

const ROOT = resolve(import.meta.dirname, "../..");

it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
  "the sources still have what %s takes away",
  (_, mutant) => {
    const text = readFileSync(resolve(ROOT, mutant.file), "utf8");
    expect(mutate(mutant, text)).not.toBe(text);
    expect(mutant.tests).not.toEqual([]);
  },
);

it("a mutant whose text is gone, or stands twice, is out of date", () => {
  const mutant = { name: "m", file: "f.ts", is: "a", becomes: "$&", tests: [] };
  expect(mutate(mutant, "bab")).toBe("b$&b");
  expect(() => mutate(mutant, "b")).toThrow('mutant "m" is out of date: its text stands 0 times in f.ts');
  expect(() => mutate(mutant, "aba")).toThrow("2 times");
});
