import { afterAll, beforeAll, expect, it } from "vitest";
import { Copy } from "./copy.ts";
import type { Mutant, NamedTest } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { outcomesOf, type Outcome } from "./outcomes.ts";

const ONLY = process.env["ONLY"] ?? "";
const CHOSEN = MUTANTS.filter(({ name }) => name.includes(ONLY));
const LIMIT_MS = 300_000;
/** An assertion, one that was asked for again and again, or a test that came to no end: Vitest has no other word for it. */
const USUAL = /^(AssertionError|Error: expected|Error: STACK_TRACE_ERROR)/;

let copy: Copy;
let unchanged: ReadonlyMap<NamedTest, Outcome>;
beforeAll(async () => {
  copy = await Copy.make();
  const tests = CHOSEN.flatMap((mutant) => mutant.tests);
  unchanged = await outcomesOf(tests, { folder: copy.folder, limitMs: 3 * LIMIT_MS });
}, 6 * LIMIT_MS);
afterAll(() => copy[Symbol.asyncDispose]());

it.each(CHOSEN.map((mutant) => [mutant.name, mutant] as const))(
  "is caught: %s",
  { timeout: 3 * LIMIT_MS },
  (_, mutant) => judge(mutant),
);

/** A red test says something about the mutant only if it is green without it, and red for a reason of its own. */
async function judge(mutant: Mutant): Promise<void> {
  for (const test of mutant.tests)
    expect(unchanged.get(test), `${test.name}, without the mutant`).toEqual({ isGreen: true });
  const outcomes = await copy.with(mutant, () =>
    outcomesOf(mutant.tests, { folder: copy.folder, limitMs: LIMIT_MS }),
  );
  for (const [test, outcome] of outcomes) {
    if (outcome.isGreen) expect.fail(`SURVIVED: "${test.name}" of ${test.file} stays green`);
    expect(outcome.failure, `why ${test.name} is red`).toMatch(test.says ?? USUAL);
  }
}
