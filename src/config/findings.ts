import { ClusterflowError } from "../core/errors.ts";

interface Problem {
  readonly sentence: string;
  readonly hint: string | null;
  readonly isGap: boolean;
}

/** What reading the settings brought up: everything wrong at once, and what is only worth knowing. */
export class Findings {
  readonly notices: string[] = [];
  readonly #problems: Problem[] = [];
  #isBlind = false;

  copy(): Findings {
    const copy = new Findings();
    copy.notices.push(...this.notices);
    copy.#problems.push(...this.#problems);
    copy.#isBlind = this.#isBlind;
    return copy;
  }

  /** What is wrong. Gaps are left out while a file could not be read: nobody knows what stands in it. */
  get problems(): readonly string[] {
    return this.#told.map(({ sentence }) => sentence);
  }

  /** A sentence that says which variable, from where, what was found and what is wanted. Never a secret. */
  problem(sentence: string, hint?: string): void {
    this.#add({ sentence, hint: hint ?? null, isGap: false });
  }

  /** A setting that nobody gave. */
  gap(sentence: string, hint?: string): void {
    this.#add({ sentence, hint: hint ?? null, isGap: true });
  }

  /** A source that was named and cannot be read. */
  unreadable(sentence: string, hint: string): void {
    this.#isBlind = true;
    this.#add({ sentence, hint, isGap: false });
  }

  notice(sentence: string): void {
    if (!this.notices.includes(sentence)) this.notices.push(sentence);
  }

  /**
   * Hands on what was built if nothing was wrong; throws one usage error with every problem otherwise. `hint` is
   * the next step when no problem named its own.
   */
  settle<T>(built: T | null, hint: string): T {
    if (this.problems.length === 0 && built !== null) return built;
    const own = this.#told.find((problem) => problem.hint !== null)?.hint;
    throw new ClusterflowError(listed(this.problems), { code: "usage", hint: own ?? hint });
  }

  get #told(): readonly Problem[] {
    return this.#isBlind ? this.#problems.filter(({ isGap }) => !isGap) : this.#problems;
  }

  #add(problem: Problem): void {
    if (!this.#problems.some(({ sentence }) => sentence === problem.sentence)) this.#problems.push(problem);
  }
}

function listed(problems: readonly string[]): string {
  if (problems.length === 1) return problems.join("");
  const lines = problems.map((problem) => `  - ${problem.replaceAll("\n", "\n    ")}`);
  return [`${problems.length} settings problems:`, ...lines].join("\n");
}
