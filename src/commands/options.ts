import { Option, type Command } from "commander";
import { environment } from "../config/env.ts";
import type { SettingsInput } from "../config/sources/layers.ts";
import type { Tell } from "../core/report.ts";
import { speakAs, type Level } from "../terminal/log.ts";
import { tellOnStderr } from "../terminal/render.ts";

/** Commander's options as they come; the settings loader looks at those that are settings. */
export interface CommonOptions {
  /** Settings files in the order in which they were named. */
  readonly settings?: readonly string[];
  readonly envFile?: readonly string[];
  readonly output: "text" | "json";
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly [option: string]: unknown;
}

/** What every command that reads settings and runs something takes. */
export function withCommonOptions(command: Command): Command {
  return withOutput(withSettingsFiles(command))
    .option("-q, --quiet", "no progress, only warnings")
    .option("-v, --verbose", "every batch");
}

/**
 * `--env-file` is for those who know it from other tools, and not in the help: `node` and `npx` look for that very
 * word among the arguments of the program they start, read the file themselves and run what its NODE_OPTIONS say.
 */
export function withSettingsFiles(command: Command): Command {
  const paths: string[] = [];
  const note = (path: string): readonly string[] => {
    paths.push(path);
    return paths;
  };
  return command
    .option("-f, --settings <file>", "settings from this env file; may be given several times", note)
    .addOption(new Option("--env-file <file>").argParser(note).hideHelp());
}

export function withOutput(command: Command): Command {
  const forms = new Option("-o, --output <form>", "what stdout holds").choices(["text", "json"]);
  return command.addOption(forms.default("text"));
}

export function withKafkaOptions(command: Command): Command {
  return command
    .option("--brokers <list>", "Kafka brokers, host:port, separated by commas (KAFKA_BROKERS)")
    .option("--topic <name>", "topic (KAFKA_TOPIC)");
}

/** No password among them: a flag's value shows in `ps`. */
export function withDatabaseOptions(command: Command): Command {
  return command
    .option("--db-host <host>", "PostgreSQL host (DATABASE_HOST)")
    .option("--db-port <port>", "PostgreSQL port (DATABASE_PORT)")
    .option("--db-name <name>", "database (DATABASE_NAME)")
    .option("--db-user <user>", "user (DATABASE_USER)")
    .option("--db-password-file <path>", "file that holds the password (DATABASE_PASSWORD_FILE)")
    .option("--database-url-file <path>", "file that holds a postgresql:// address (DATABASE_URL_FILE)")
    .option(
      "--sslmode <mode>",
      "disable, allow, prefer, require, verify-ca or verify-full (DATABASE_SSLMODE)",
    );
}

export function settingsInput(options: CommonOptions): SettingsInput {
  return {
    flags: options,
    environment: environment(),
    envFiles: options.settings ?? options.envFile ?? [],
    directory: process.cwd(),
    onLog: (log) => {
      speakAs({ ...log, level: levelOf(options, log.level) });
    },
  };
}

function levelOf({ quiet, verbose }: CommonOptions, level: Level): Level {
  if (quiet === true) return level === "error" ? "error" : "warn";
  return verbose === true ? "debug" : level;
}

/** Progress goes to stderr, what reading the settings brought up first. */
export function tellAfter(notices: readonly string[]): Tell {
  for (const text of notices) tellOnStderr({ kind: "notice", text });
  return tellOnStderr;
}
