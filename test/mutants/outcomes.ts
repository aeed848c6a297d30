import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { projectOf, type NamedTest } from "./mutant.ts";
import { run } from "./run.ts";

/** What became of one test: green, or the first words of its failure. */
export type Outcome = { readonly isGreen: true } | { readonly isGreen: false; readonly failure: string };

/** What Vitest's JSON reporter writes, as far as it is read. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

export interface RunOptions {
  readonly folder: string;
  readonly limitMs: number;
}

/** For a test that has no limit of its own: those in the tables take 10 s at most, and others may need the machine. */
const TEST_MS = 30_000;
const VITEST = "node_modules/vitest/vitest.mjs";

/** Runs tests and nothing else, by project; throws when one of them did not come to an end of its own. */
export async function outcomesOf(
  tests: readonly NamedTest[],
  options: RunOptions,
): Promise<ReadonlyMap<NamedTest, Outcome>> {
  const outcomes = new Map<NamedTest, Outcome>();
  for (const project of new Set(tests.map(projectOf))) {
    const some = tests.filter((test) => projectOf(test) === project);
    const { report, output } = await reportOf(project, some, options);
    for (const test of some) outcomes.set(test, outcomeIn(report, test, options.folder, output));
  }
  return outcomes;
}

async function reportOf(
  project: string,
  tests: readonly NamedTest[],
  { folder, limitMs }: RunOptions,
): Promise<{ readonly report: Report | null; readonly output: string }> {
  const own = await mkdtemp(join(tmpdir(), "clusterflow-report-"));
  try {
    const file = join(own, "report.json");
    const names = [...new Set(tests.map(({ name }) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))];
    const { output } = await run(
      [
        ...[VITEST, "run", "--project", project, ...new Set(tests.map((test) => test.file))],
        ...["--testNamePattern", `^(${names.join("|")})$`, `--testTimeout=${TEST_MS}`],
        ...["--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
      ],
      { folder, limitMs },
    );
    const text = await readFile(file, "utf8").catch(() => null);
    return { report: text === null ? null : (JSON.parse(text) as Report), output };
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

function outcomeIn(
  report: Report | null,
  { file, name }: NamedTest,
  folder: string,
  output: string,
): Outcome {
  const found = report?.testResults
    .filter((result) => relative(folder, result.name) === file)
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ fullName }) => fullName === name);
  if (found?.status === "passed") return { isGreen: true };
  if (found?.status === "failed") return { isGreen: false, failure: found.failureMessages?.[0] ?? "" };
  throw new Error(`"${name}" of ${file} could not be run:\n${output}`);
}
