import { Command, CommanderError } from "commander";
import { COMMANDS, type CommandEntry } from "./commands/index.ts";
import { ClusterflowError, exitStatusOf, toClusterflowError } from "./core/errors.ts";
import { VERSION } from "./core/version.ts";
import { describeFailure, failureDocument } from "./terminal/failure.ts";
import { endQuietlyOnClosedPipe, printJson, remark } from "./terminal/streams.ts";

/** What the shell sees when the work was neither finished nor failed: a promise that nobody will ever settle. */
const UNFINISHED = 70;

/** A command that ends with another status than 0 without an error, such as verify's 4, sets process.exitCode itself. */
async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = UNFINISHED;
  endQuietlyOnClosedPipe();
  try {
    await (await buildProgram(argv)).parseAsync(argv);
    if (process.exitCode === UNFINISHED) process.exitCode = 0;
  } catch (thrown) {
    process.exitCode = fail(thrown, argv);
  }
}

async function buildProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command("clusterflow")
    .description(
      "Kubernetes inventory and application events into PostgreSQL, straight or through Kafka, proven.",
    )
    .version(VERSION, "-V, --version")
    .option("--debug", "show stack traces")
    .showSuggestionAfterError()
    .addHelpText("after", EXAMPLES);
  const words = new Set(
    argv
      .slice(2)
      .filter((word) => !word.startsWith("-"))
      .slice(0, 2),
  );
  for (const entry of COMMANDS)
    program.addCommand(words.has(entry.name) ? await entry.load() : overview(entry));
  exitNever(program);
  return program;
}

const EXAMPLES = `
Examples:
  clusterflow setup --mode e2e --yes           a local stack, one snapshot through it, verified
  clusterflow setup --mode hybrid-kafka --yes  settings for a collector and a consumer with Kafka between them
  clusterflow collect                          one snapshot of the cluster
  clusterflow consume --until-end              Kafka into PostgreSQL, up to what is there now
  clusterflow verify                           proves in numbers that nothing was lost and nothing was doubled

Exit status: 0 ok, 1 unexpected, 2 usage or settings, 3 unreachable, 4 checked and wrong, 5 partly done,
6 refused for safety, 8 timed out, 130 and 143 interrupted`;

/** Stands for a command that is not the one called: `--help` answers without loading what it would run. */
function overview({ name, summary }: CommandEntry): Command {
  return new Command(name).summary(summary);
}

/** Commander would end the process by itself, with status 1 for a wrong flag. */
function exitNever(command: Command): void {
  command.exitOverride();
  command.commands.forEach(exitNever);
}

function fail(thrown: unknown, argv: readonly string[]): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2; // it has printed its sentence
  const error = thrown instanceof ClusterflowError ? thrown : toClusterflowError(thrown);
  if (wantsJson(argv)) printJson(failureDocument(error));
  else remark(describeFailure(error, { stack: argv.includes("--debug") }));
  return exitStatusOf(error);
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, at) =>
      word === "--output=json" ||
      word === "-ojson" ||
      word === "--format=json" ||
      (word === "json" && /^(-o|--output|--format)$/.test(argv[at - 1] ?? "")),
  );
}

await main(process.argv);
