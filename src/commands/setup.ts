import type { Readable, Writable } from "node:stream";
import { Command, Option } from "commander";
import { environment, type Environment } from "../config/env.ts";
import type { LocalAnswers, SetupMode } from "../config/setup/answers.ts";
import type { Asker } from "../config/setup/asker.ts";
import { refusedIn } from "../config/refusal.ts";
import { sameSetup } from "../config/setup/command-line.ts";
import { maskedSettings, setupFiles } from "../config/setup/files.ts";
import { type Gathered, gatherAnswers, gatherMode } from "../config/setup/gather.ts";
import type { SetupInput } from "../config/setup/gathering.ts";
import { commitable } from "../config/setup/git-ignored.ts";
import { permit } from "../config/setup/permit.ts";
import { planFiles, type PlannedFile } from "../config/setup/plan.ts";
import { nextCommands, previewOf } from "../config/setup/preview.ts";
import { standingFiles } from "../config/setup/standing-files.ts";
import { writePlan, type WrittenFile } from "../config/setup/write.ts";
import { ClusterflowError } from "../core/errors.ts";
import { asTyped } from "../terminal/as-typed.ts";
import { InteractiveTerminal } from "../terminal/interactive.ts";
import { say } from "../terminal/log.ts";
import { print, printJson, remark } from "../terminal/streams.ts";
import { withDatabaseOptions, withKafkaOptions } from "./options.ts";
import { needsStack, prepareStack, runEndToEnd } from "./setup-e2e.ts";

/** Where the wizard stands: the process's own surroundings unless a test makes others. */
export interface SetupSurroundings {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly environment: Environment;
  readonly directory: string;
  /** The addresses of a local stack that runs. */
  readonly localStack: (dataDir: string | null) => Promise<LocalAnswers | null>;
}

export interface SetupOptions {
  readonly mode?: string;
  readonly outDir: string;
  readonly dataDir?: string;
  readonly cluster?: string;
  readonly brokers?: string;
  readonly dbHost?: string;
  readonly dbPasswordStdin?: boolean;
  readonly overwrite?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly input: boolean;
  readonly output: "text" | "json";
}

export function setupCommand(surroundings: SetupSurroundings = ownSurroundings()): Command {
  const command = new Command("setup")
    .description("write the env files of a mode; asks on a terminal, takes flags everywhere")
    .option("--mode <mode>", "legacy, hybrid-kafka, or e2e: a local stack, one run through it, verified");
  withDatabaseOptions(withKafkaOptions(command))
    .option("--group <name>", "consumer group (KAFKA_GROUP_ID)")
    .option("--db-password-stdin", "read the password from standard input")
    .option("--no-db-password", "the server asks for no password")
    .option("--kubeconfig <path>", "kubeconfig file to name in the collector's file")
    .option("--kube-context <name>", "context in the kubeconfig (CLUSTERFLOW_KUBE_CONTEXT)")
    .option("--kube-server <url>", "API server, without a kubeconfig (CLUSTERFLOW_KUBE_SERVER)")
    .option("--interval <duration>", "collect every so often, such as 5m, or once (COLLECTION_INTERVAL)")
    .option("--cluster <synthetic:N>", "e2e: a generated cluster of N objects (default synthetic:2000)")
    .option("--data-dir <folder>", "folder of the local stack, if it is not the usual one")
    .option("--out-dir <folder>", "where the env files go", "env")
    .option("--overwrite", "replace also files that were edited by hand; the old ones are kept as .bak")
    .option("-y, --yes", "take the defaults, carry the plan out, but for files edited by hand")
    .option("-n, --dry-run", "show the plan, write nothing")
    .option("--no-input", "ask nothing, even on a terminal")
    .addOption(
      new Option("-o, --output <form>", "what stdout holds").choices(["text", "json"]).default("text"),
    );
  return command
    .addHelpText("after", EXAMPLES)
    .action((options: SetupOptions) => setup(options, surroundings));
}

const EXAMPLES = `
Examples:
  clusterflow setup
  clusterflow setup --mode legacy --yes
  clusterflow setup --mode hybrid-kafka --yes --brokers kafka:9092 --db-host pg --db-password-file /run/secrets/pg
  clusterflow setup --mode e2e --yes --cluster synthetic:2000`;

function ownSurroundings(): SetupSurroundings {
  return {
    stdin: process.stdin,
    stderr: process.stderr,
    environment: environment(),
    directory: process.cwd(),
    localStack: async (dataDir) => {
      const { findLocalStack } = await import("../flows/local-answers.ts");
      return findLocalStack({ environment: environment(), dataDir });
    },
  };
}

async function setup(options: SetupOptions, surroundings: SetupSurroundings): Promise<void> {
  const { directory } = surroundings;
  const asker = await openAsker(options, surroundings);
  const mode = await gatherMode(options.mode, asker);
  const { answers, notices: gathered } = await answersOf(options, surroundings, mode, asker);
  const files = setupFiles(answers);
  const plan = planFiles(directory, options.outDir, files);
  remark(`${previewOf(plan, files)}\n`);
  const isDry = options.dryRun === true;
  const permission = {
    takesDefaults: options.yes === true || mode === "e2e", // those files are the machine's own, run by run
    mayOverwrite: options.overwrite === true,
    command: sameSetup(answers, options.outDir, options.dataDir ?? null),
  };
  const permitted = isDry ? [] : await permit(plan, permission, asker);
  const written = isDry ? plan.map((file) => ({ ...file, backup: null })) : writePlan(permitted);
  const notices = [
    ...gathered,
    ...(isDry ? dryNotices(mode) : noticesOf(plan, permitted)),
    ...shellNotices(mode, surroundings.environment),
  ];
  const document = {
    mode,
    dryRun: isDry,
    files: written.map(({ path, change, backup }, index) => {
      const file = files[index];
      return { path, change, backup, settings: file === undefined ? null : maskedSettings(file) };
    }),
    notices,
    command: sameSetup(answers, options.outDir, options.dataDir ?? null),
    next: nextCommands(mode, directory, options),
  };
  if (mode === "e2e" && !isDry) await runEndToEnd(plan, document, surroundings, options.output);
  else if (options.output === "json") printJson({ ok: true, ...document });
  else tellDocument(document);
}

/** Null when nobody can be asked. The prompt library is only loaded when somebody can. */
async function openAsker(options: SetupOptions, surroundings: SetupSurroundings): Promise<Asker | null> {
  const { input: isInputWanted, output } = options;
  const terminal = InteractiveTerminal.open({ ...surroundings, isInputWanted, output });
  if (terminal === null) return null;
  const { promptsAt } = await import("../terminal/prompts.ts");
  return promptsAt(terminal);
}

async function inputOf(
  options: SetupOptions,
  surroundings: SetupSurroundings,
  mode: SetupMode,
  asker: Asker | null,
): Promise<SetupInput> {
  const { directory, environment, stdin, localStack } = surroundings;
  return {
    flags: { ...options },
    environment,
    directory,
    existing: standingFiles(mode, directory, options.outDir),
    // what an end-to-end run needs it makes itself, so there is nothing to ask
    takesDefaults: options.yes === true || (mode === "e2e" && asker !== null),
    local: await localStack(options.dataDir ?? null),
    passwordFromStdin: options.dbPasswordStdin === true ? await readPassword(stdin) : null,
  };
}

async function readPassword(stdin: SetupSurroundings["stdin"]): Promise<string> {
  const usage = (message: string): ClusterflowError =>
    new ClusterflowError(message, { code: "usage", hint: "clusterflow setup --db-password-stdin < FILE" });
  if (stdin.isTTY === true)
    throw usage("--db-password-stdin reads a pipe or a file, and standard input is a terminal");
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const password = Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
  if (password === "") throw usage("--db-password-stdin found nothing on standard input");
  return password;
}

async function answersOf(
  options: SetupOptions,
  surroundings: SetupSurroundings,
  mode: SetupMode,
  asker: Asker | null,
): Promise<Gathered> {
  const input = await inputOf(options, surroundings, mode, asker);
  const gathered = await gatherAnswers(input, mode, asker);
  const { answers } = gathered;
  if (mode !== "e2e" || options.dryRun === true || !needsStack(answers, options)) return gathered;
  const local = await prepareStack(answers, input.local, options, surroundings, asker);
  return gatherAnswers({ ...input, local }, mode, asker);
}

function dryNotices(mode: SetupMode): readonly string[] {
  return mode === "e2e"
    ? ["the local stack is not started in a dry run, so its addresses may come out otherwise"]
    : [];
}

/** What helped to answer here stands in the way of the collector, which would refuse it. */
function shellNotices(mode: SetupMode, environment: Environment): readonly string[] {
  const names = mode === "e2e" ? [] : refusedIn(environment, mode);
  if (names.length === 0) return [];
  return [`a collector in mode ${mode} refuses what is set in this shell: unset ${names.join(" ")}`];
}

function noticesOf(plan: readonly PlannedFile[], permitted: readonly PlannedFile[]): readonly string[] {
  const kept = plan.filter((file) => file.change === "retire" && !permitted.includes(file));
  const open = commitable(
    permitted.filter(({ change }) => change !== "retire").map(({ absolute }) => absolute),
  );
  return [
    ...kept.map(({ path }) => `${path} stays; --overwrite puts it aside`),
    ...open.map((path) => `git would take ${path} into a commit: add it to .gitignore`),
  ];
}

/** What a setup came to; the same for people and programs, and no secret in it. */
export interface SetupDocument {
  readonly mode: SetupMode;
  readonly dryRun: boolean;
  readonly files: readonly (WrittenFile & { readonly settings: Readonly<Record<string, string>> | null })[];
  readonly notices: readonly string[];
  readonly command: string;
  readonly next: readonly string[];
}

function tellDocument({ files, notices, command, next, dryRun }: SetupDocument): void {
  if (dryRun) remark("a dry run: nothing was written");
  else for (const file of files) print(describeWritten(file));
  for (const notice of notices) say("warn", notice);
  if (!dryRun && next.length > 0)
    print(asTyped(["", "next:", ...next.map((line) => `  ${line}`)].join("\n")));
  print(asTyped(`\nthe same again, without questions:\n  ${command}`));
}

export function describeWritten({ path, change, backup }: WrittenFile): string {
  if (change === "keep") return `${path} is as it was`;
  if (change === "retire") return `${path} is now ${backup ?? "gone"}`;
  return backup === null ? `${path} written` : `${path} written; the old one is ${backup}`;
}
