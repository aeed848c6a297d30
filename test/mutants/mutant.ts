/** A test by its file and by its whole name, that of its `describe` in front. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
  /** What its failure says, where that is no assertion and no time-out. */
  readonly says?: string;
}

/** One change that takes an invariant away, and the tests that have to go red by it: all of them. */
export interface Mutant {
  /** What is missing; `make mutants ONLY=…` takes a part of it. */
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly is: string;
  readonly becomes: string;
  readonly tests: readonly NamedTest[];
}

/** The file with the change in it; throws when the file has moved on and the mutant has not. */
export function mutate({ name, file, is, becomes }: Mutant, text: string): string {
  const times = text.split(is).length - 1;
  if (times === 1) return text.replace(is, () => becomes);
  throw new Error(`mutant "${name}" is out of date: its text stands ${times} times in ${file}`);
}

/** The project of vitest.config.ts that a test file belongs to. */
export function projectOf({ file }: NamedTest): "unit" | "int" | "faults" {
  if (file.endsWith(".int.test.ts")) return "int";
  return file.endsWith(".faults.ts") ? "faults" : "unit";
}
