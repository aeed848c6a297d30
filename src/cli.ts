import { Command, CommanderError } from "commander";
import { refuseEmptyFlags } from "./commands/empty-flags.ts";
import { COMMANDS, type CommandEntry } from "./commands/index.ts";
import { environment } from "./config/env.ts";
import { logOf } from "./config/log.ts";
import { ClusterflowError, exitStatusOf, toClusterflowError } from "./core/errors.ts";
import { VERSION } from "./core/version.ts";
import { asTyped } from "./terminal/as-typed.ts";
import { FailedAfter, failureDocument, tellFailure } from "./terminal/failure.ts";
import { beforeLeaving } from "./terminal/interrupt.ts";
import { speakAs, speaksJson } from "./terminal/log.ts";
import { isDocumentPrinted, printJson } from "./terminal/streams.ts";

/** What the shell sees when the work was neither finished nor failed: a promise that nobody will ever settle. */
const UNFINISHED = 70;

/** As a shell tells of a program that wrote into a pipe which nobody read any more: 128 and SIGPIPE. */
const READER_LEFT = 141;

/** A command that ends with another status than 0 without an error, such as verify's 4, sets process.exitCode itself. */
async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = UNFINISHED;
  speakAs(logOf(environment()));
  watchEndings(argv);
  try {
    await (await buildProgram(argv)).parseAsync(argv);
    if (process.exitCode === UNFINISHED) process.exitCode = 0;
  } catch (thrown) {
    process.exitCode = fail(thrown, argv);
  }
}

/** Every other way in which a process ends: whoever asked for JSON gets a document then, too. */
function watchEndings(argv: readonly string[]): void {
  const leave = (thrown: unknown): void => process.exit(fail(thrown, argv));
  process.on("uncaughtException", leave);
  if (wantsJson(argv)) beforeLeaving(leave);
  process.on("exit", () => {
    if (process.exitCode === UNFINISHED) fail(neverSettled(), argv);
  });
  process.stderr.on("error", () => undefined); // nobody could be told
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE")
      process.exit(process.exitCode === UNFINISHED ? READER_LEFT : process.exitCode);
    tellFailure(unwritable(error), { stack: false });
    process.exit(1);
  });
}

async function buildProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command("clusterflow")
    .description(
      "Kubernetes inventory and application events into PostgreSQL, straight or through Kafka, proven.",
    )
    .version(VERSION, "-V, --version")
    .option("--debug", "show stack traces")
    .showSuggestionAfterError()
    .hook("preAction", (_, command) => refuseEmptyFlags(command))
    .addHelpText("after", asTyped(EXAMPLES));
  const words = new Set(
    argv
      .slice(2)
      .filter((word) => !word.startsWith("-"))
      .slice(0, 2),
  );
  for (const entry of COMMANDS)
    program.addCommand(words.has(entry.name) ? await entry.load() : overview(entry));
  speakOurWay(program, "clusterflow", argv);
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
6 refused for safety, 8 timed out, 130 and 143 a signal kept it from its end; what has none ends with 0 then`;

/** Stands for a command that is not the one called: `--help` answers without loading what it would run. */
function overview({ name, summary }: CommandEntry): Command {
  return new Command(name).summary(summary);
}

/** Commander would end the process by itself, with status 1 for a wrong flag, and say so in its own form. */
function speakOurWay(command: Command, words: string, argv: readonly string[]): void {
  const isForPeople = !wantsJson(argv) && !speaksJson();
  command.configureOutput({
    outputError: () => undefined,
    writeErr: (help) => {
      if (isForPeople) process.stderr.write(help);
    },
  });
  command.exitOverride((error) => {
    const isHelp = error.code === "commander.help" && isForPeople;
    throw error.exitCode === 0 || isHelp ? error : mistake(error, words);
  });
  for (const child of command.commands) speakOurWay(child, `${words} ${child.name()}`, argv);
}

function mistake({ code, message }: CommanderError, words: string): ClusterflowError {
  const sentence = code === "commander.help" ? `${words} wants a command` : message.replace(/^error: /, "");
  return new ClusterflowError(sentence.replaceAll("\n", " "), { code: "usage", hint: `${words} --help` });
}

function unwritable(error: Error): ClusterflowError {
  return new ClusterflowError(`standard output cannot be written: ${error.message}`, {
    code: "unexpected",
    hint: "is the disk full? what the command did stays done",
  });
}

function neverSettled(): ClusterflowError {
  return new ClusterflowError("the work stopped before its end and nothing says why", {
    code: "unexpected",
    hint: "call it again; nothing is lost and nothing doubled by that",
  });
}

function fail(thrown: unknown, argv: readonly string[]): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2; // it has shown its help
  const [cause, done] = thrown instanceof FailedAfter ? [thrown.cause, thrown.done] : [thrown, {}];
  const error = toClusterflowError(cause);
  if (wantsJson(argv) && !isDocumentPrinted()) printJson({ ...failureDocument(error), ...done });
  else tellFailure(error, { stack: argv.includes("--debug") });
  return exitStatusOf(error);
}

/** Also of a command line that cannot be parsed. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, at) =>
      /^(-\w*ojson|--(output|format)=json)$/.test(word) ||
      (word === "json" && /^(-\w*o|--(output|format))$/.test(argv[at - 1] ?? "")),
  );
}

await main(process.argv);
