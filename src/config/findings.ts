import { ClusterflowError } from "../core/errors.ts";

/** What reading the settings brought up: everything wrong at once, and what is only worth knowing. */
export class Findings {
  readonly problems: string[] = [];
  readonly notices: string[] = [];
  #hint: string | null = null;

  /** A sentence that says which variable, from where, what was found and what is wanted. Never a secret. */
  problem(sentence: string, hint?: string): void {
    if (!this.problems.includes(sentence)) this.problems.push(sentence);
    this.#hint ??= hint ?? null;
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
    throw new ClusterflowError(listed(this.problems), { code: "usage", hint: this.#hint ?? hint });
  }
}

function listed(problems: readonly string[]): string {
  if (problems.length === 1) return problems.join("");
  const lines = problems.map((problem) => `  - ${problem.replaceAll("\n", "\n    ")}`);
  return [`${problems.length} settings problems:`, ...lines].join("\n");
}
