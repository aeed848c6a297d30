import { Command, Option } from "commander";
import { loadCollectorSettings } from "../config/collector.ts";
import { loadConsumerSettings } from "../config/consumer.ts";
import { loadDatabaseSettings } from "../config/database.ts";
import { explainSettings, type Explanation } from "../config/explain.ts";
import { loadIngestSettings } from "../config/ingest.ts";
import type { OwnPlace } from "../config/own-place.ts";
import { ROLES, type Role } from "../config/role.ts";
import type { Sources } from "../config/sources.ts";
import { ClusterflowError } from "../core/errors.ts";
import { say } from "../terminal/log.ts";
import { print, printJson, remark } from "../terminal/streams.ts";
import { table } from "../terminal/table.ts";
import { chooseStream } from "./choose-stream.ts";
import {
  settingsSources,
  withDatabaseOptions,
  withKafkaOptions,
  withOutput,
  withSettingsFiles,
  withStreamOption,
  type CommonOptions,
} from "./options.ts";

interface ConfigOptions extends CommonOptions {
  readonly role: Role;
  readonly origin?: boolean;
}

export function configCommand(): Command {
  const command = new Command("config").description(
    "show and check the settings that a command would run with",
  );
  command.addCommand(showCommand());
  command.addCommand(validateCommand());
  return command;
}

function showCommand(): Command {
  const command = new Command("show")
    .description("every setting of a role with its value; secrets are ***")
    .option("--origin", "and where it comes from");
  return withSettings(command).action(async (options: ConfigOptions) => {
    const explanation = await explain(options);
    if (options.output === "json")
      printJson({ ok: explanation.problems.length === 0, role: options.role, ...explanation });
    else tell(explanation, options.origin === true);
    if (explanation.problems.length > 0) process.exitCode = 2;
  });
}

async function explain(options: ConfigOptions): Promise<Explanation> {
  const { role } = options;
  const sources = settingsSources(options, role);
  try {
    return explainSettings(sources, role, await placeOf(sources));
  } catch (error) {
    // of a stream that is none, or of a file that declares it wrongly
    if (!(error instanceof ClusterflowError)) throw error;
    const known = explainSettings(sources, role);
    return { ...known, problems: [error.message, ...known.problems] };
  }
}

/** Where the role's stream is, unless the settings' own defaults are made for it; a collector has one stream only. */
async function placeOf(sources: Sources): Promise<OwnPlace | undefined> {
  if (sources.role !== "consumer" && sources.role !== "ingest") return undefined;
  return (await chooseStream(sources)).own;
}

/** Values even when some are wrong: whoever looks for the wrong one needs to see it. */
function tell({ settings, problems, notices }: Explanation, withOrigin: boolean): void {
  const rows = settings.map(({ name, value, origin }) => [
    name,
    value ?? "-",
    ...(withOrigin ? [origin] : []),
  ]);
  print(table(["SETTING", "VALUE", ...(withOrigin ? ["ORIGIN"] : [])], rows));
  for (const notice of notices) remark(notice);
  for (const problem of problems) say("error", problem, { mark: "FAIL " });
}

function validateCommand(): Command {
  const command = new Command("validate").description("check the settings of a role; asks no server");
  return withSettings(command).action(async (options: ConfigOptions) => {
    const sources = settingsSources(options, options.role);
    const { notices } = LOADERS[options.role](sources, await placeOf(sources));
    for (const notice of notices) remark(notice);
    if (options.output === "json") printJson({ ok: true, role: options.role, notices });
    else print(`OK: the settings of the role ${options.role} are complete and fit`);
  });
}

const LOADERS = {
  collector: loadCollectorSettings,
  consumer: loadConsumerSettings,
  ingest: loadIngestSettings,
  database: loadDatabaseSettings,
} as const satisfies Record<Role, unknown>;

function withSettings(command: Command): Command {
  const role = new Option("--role <role>", "whose settings").choices(ROLES).default("collector");
  withDatabaseOptions(withKafkaOptions(withStreamOption(command.addOption(role))))
    .option("--mode <mode>", "hybrid-kafka or legacy (CLUSTERFLOW_MODE, KAFKA_ENABLED)")
    .option("--group <name>", "consumer group (KAFKA_GROUP_ID)");
  return withOutput(withSettingsFiles(command));
}
