import { Command } from "commander";
import { loadCutoverSettings } from "../config/cutover.ts";
import { parseDuration } from "../core/duration.ts";
import { ClusterflowError, exitStatusOf } from "../core/errors.ts";
import type { Outcome } from "../flows/cutover/outcome.ts";
import type { CutoverOptions, World } from "../flows/cutover/world.ts";
import type { Step } from "../pipeline/cutover/states.ts";
import { describePlan, describeStatus } from "../terminal/cutover.ts";
import { asTyped } from "../terminal/as-typed.ts";
import { interruption } from "../terminal/interrupt.ts";
import { print, printJson } from "../terminal/streams.ts";
import { chooseStream } from "./choose-stream.ts";
import {
  settingsSources,
  tellAfter,
  withCommonOptions,
  withDatabaseOptions,
  withKafkaOptions,
  withStreamOption,
  type CommonOptions,
} from "./options.ts";

export function cutoverCommand(): Command {
  const command = new Command("cutover").description(
    "move a table to a topic while others write to it, and back: start, backfill, verify, finish, in this order",
  );
  command.addCommand(planCommand());
  command.addCommand(
    stepCommand(
      "start",
      "from now on, what is inserted into the table is also sent to the topic",
      async (world, options) =>
        (await import("../flows/cutover/start.ts")).startCutover(world, tableOf(options)),
    ),
  );
  command.addCommand(
    stepCommand(
      "feed",
      "send what is inserted as it comes, until a signal; the other steps send it, too",
      async (world) => (await import("../flows/cutover/feed.ts")).feedCutover(world),
    ),
  );
  command.addCommand(
    stepCommand("backfill", "send the rows that were there before the start", async (world) =>
      (await import("../flows/cutover/backfill.ts")).backfillCutover(world),
    ),
  );
  command.addCommand(verifyCommand());
  command.addCommand(
    stepCommand("finish", "close and rename the table: the events come from the topic now", async (world) =>
      (await import("../flows/cutover/finish.ts")).finishCutover(world),
    ),
  );
  command.addCommand(retireCommand());
  command.addCommand(rollbackCommand());
  command.addCommand(statusCommand());
  return command;
}

type Run = (world: World, options: CommonOptions) => Promise<Outcome>;

function stepCommand(step: Step, description: string, run: Run): Command {
  const command = subcommand(step, description).option("--dry-run", "say what would be done, and do nothing");
  return command.action(async (options: CommonOptions) => {
    if (options["dryRun"] === true) await inWorld(options, (world) => showStep(world, step, options));
    else show(await inWorld(options, (world) => run(world, options)), options);
  });
}

function verifyCommand(): Command {
  return stepCommand(
    "verify",
    "prove that what was sent of the table is stored, once",
    async (world, options) => {
      const { verifyCutover } = await import("../flows/cutover/verify.ts");
      return verifyCutover(world, {
        forMs: durationOf(options, "for", "1m"),
        waitMs: durationOf(options, "wait", "1m"),
      });
    },
  )
    .option("--for <duration>", "both sides have to be the same for so long (1m)")
    .option("--wait <duration>", "wait so long for clusterflow consume to store what was sent (1m)");
}

function retireCommand(): Command {
  return stepCommand(
    "retire",
    "drop the table that was renamed, when its time is over",
    async (world, options) => {
      const { retireCutover } = await import("../flows/cutover/retire.ts");
      return retireCutover(world, typeof options["drop"] === "string" ? options["drop"] : null);
    },
  ).option("--drop <table>", "the table's name, SCHEMA.TABLE, for certainty");
}

function rollbackCommand(): Command {
  return stepCommand(
    "rollback",
    "the table is in use again, with all that came to the topic meanwhile",
    async (world, options) => {
      const { rollbackCutover } = await import("../flows/cutover/rollback.ts");
      return rollbackCutover(world, { acceptsLoss: options["acceptLoss"] === true });
    },
  ).option("--accept-loss", "go back without what the topic no longer has");
}

function planCommand(): Command {
  const command = subcommand("plan", "look whether the table can be moved, and what each step would do");
  return command.action(async (options: CommonOptions) => {
    const { planCutover } = await import("../flows/cutover/plan.ts");
    const plan = await inWorld(options, (world) => planCutover(world, tableOf(options)));
    if (options.output === "json") printJson({ ok: true, ...plan });
    else print(describePlan(plan));
  });
}

function statusCommand(): Command {
  return subcommand("status", "where it is, what waits, and what to type next").action(
    async (options: CommonOptions) => {
      const { cutoverStatus } = await import("../flows/cutover/status.ts");
      const status = await inWorld(options, cutoverStatus);
      if (options.output === "json") printJson({ ok: true, ...status });
      else print(describeStatus(status));
    },
  );
}

function subcommand(name: string, description: string): Command {
  const command = new Command(name)
    .description(description)
    .option("--table <name>", "the table, SCHEMA.TABLE; from the start on it is known")
    .option("--time-zone <name>", "in which its times without a zone are meant (UTC)")
    .option("--group <name>", "consumer group that stores the topic (KAFKA_GROUP_ID)")
    .option(
      "--source-database-url-file <path>",
      "file with the address of the table's database (SOURCE_DATABASE_URL_FILE); left out, it is the one of DATABASE_URL",
    );
  return withCommonOptions(withDatabaseOptions(withKafkaOptions(withStreamOption(command))));
}

/** What is imported is imported by others: the compiler leaves such names alone in a function that has `using`. */
async function inWorld<T>(options: CommonOptions, work: (world: World) => Promise<T>): Promise<T> {
  await using world = await worldOf(options);
  return await work(world);
}

async function worldOf(options: CommonOptions): Promise<World & AsyncDisposable> {
  const sources = settingsSources(options, "consumer");
  const { stream, own } = await chooseStream(sources);
  const { settings, notices } = loadCutoverSettings(sources, own);
  const { openWorld } = await import("../flows/cutover/world.ts");
  return openWorld(settings, stream, { tell: tellAfter(notices), signal: interruption() });
}

async function showStep(world: World, step: Step, options: CommonOptions): Promise<void> {
  const { planStep } = await import("../flows/cutover/dry-run.ts");
  const acceptsLoss = options["acceptLoss"] === true;
  const plan = await planStep(world, step, { ...tableOf(options), acceptsLoss });
  if (options.output === "json") printJson({ ok: true, dryRun: true, ...plan });
  else print(describePlan(plan));
}

function show(outcome: Outcome, options: CommonOptions): void {
  const exit = EXIT[outcome.code];
  if (options.output === "json") printJson({ ok: exit === 0, exit, ...outcome });
  else print(outcome.next === null ? outcome.did : `${outcome.did}\n  next: ${asTyped(outcome.next)}`);
  process.exitCode = exit;
}

const EXIT: Readonly<Record<Outcome["code"], number>> = {
  done: 0,
  partial: exitOf("partial"),
  wrong: exitOf("wrong"),
  timeout: exitOf("timeout"),
};

function exitOf(code: "partial" | "wrong" | "timeout"): number {
  return exitStatusOf(new ClusterflowError("", { code }));
}

function tableOf({ table, timeZone }: CommonOptions): CutoverOptions {
  const zone = typeof timeZone === "string" ? timeZone : null;
  if (typeof table !== "string") return { table: null, timeZone: zone };
  const [schema, name, ...rest] = table.split(".");
  if (!schema || !name || rest.length > 0)
    throw new ClusterflowError("--table is not SCHEMA.TABLE", {
      code: "usage",
      hint: "write it as public.clicks",
    });
  return { table: [schema, name], timeZone: zone };
}

function durationOf(options: CommonOptions, flag: "for" | "wait", otherwise: string): number {
  const text = options[flag];
  const ms = parseDuration(typeof text === "string" ? text : otherwise);
  if (ms !== null) return ms;
  throw new ClusterflowError(`--${flag} is no duration`, {
    code: "usage",
    hint: "write it as 90s, 5m or 1h",
  });
}
