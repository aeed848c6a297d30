import { Option, type Command } from "commander";
import { environment } from "../config/env.ts";
import type { Role } from "../config/role.ts";
import { openSources, type Sources } from "../config/sources.ts";
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
  command
    .option("--brokers <list>", "Kafka brokers, host:port, separated by commas (KAFKA_BROKERS)")
    .option("--topic <name>", "topic (KAFKA_TOPIC)");
  for (const [flag, what] of KAFKA_SECURITY) command.option(flag, `${what} (${variableOf(flag)})`);
  return command;
}

/** Named after their variables, which have librdkafka's words. No secret among them: a flag's value shows in `ps`. */
const KAFKA_SECURITY: readonly (readonly [flag: string, what: string])[] = [
  ["--kafka-security-protocol <word>", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"],
  ["--kafka-ssl-ca-location <path>", "CA certificates of the brokers, PEM"],
  ["--kafka-ssl-certificate-location <path>", "client certificate, PEM"],
  ["--kafka-ssl-key-location <path>", "its private key, PEM"],
  ["--kafka-ssl-key-password-file <path>", "file that holds that key's password"],
  ["--kafka-sasl-mechanism <word>", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"],
  ["--kafka-sasl-username <name>", "user for PLAIN and SCRAM"],
  ["--kafka-sasl-password-file <path>", "file that holds the user's password"],
  ["--kafka-sasl-oauthbearer-token-endpoint-url <url>", "where client credentials get a token"],
  ["--kafka-sasl-oauthbearer-client-id <id>", "client at that address"],
  ["--kafka-sasl-oauthbearer-client-secret-file <path>", "file that holds the client's secret"],
  ["--kafka-sasl-oauthbearer-scope <scope>", "scope of the token"],
  ["--kafka-sasl-oauthbearer-token-file <path>", "file that holds the token, read for every login"],
  ["--kafka-https-ca-location <path>", "CA certificates of the token's address, PEM"],
  ["--insecure-send-password-in-plain-text", "PLAIN and OAUTHBEARER without TLS, beyond this machine"],
];

function variableOf(flag: string): string {
  const name = flag.replace(/ .*/, "").slice(2).toUpperCase().replaceAll("-", "_");
  return name.startsWith("KAFKA_") ? name : `KAFKA_${name}`;
}

/** Which stream, where a command takes any of them. */
export function withStreamOption(command: Command): Command {
  return withStreamsFile(command).option(
    "--stream <name>",
    "stream, of those that clusterflow streams list shows (CLUSTERFLOW_STREAM)",
  );
}

export function withStreamsFile(command: Command): Command {
  return command.option("--streams-file <file>", "streams of your own, YAML or JSON (CLUSTERFLOW_STREAMS)");
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
    )
    .option("--sslrootcert <path>", "CA certificates of the server, PEM (DATABASE_SSLROOTCERT)")
    .option("--sslcert <path>", "client certificate, PEM (DATABASE_SSLCERT)")
    .option("--sslkey <path>", "its private key, PEM (DATABASE_SSLKEY)")
    .option("--sslpassword-file <path>", "file that holds that key's password (DATABASE_SSLPASSWORD_FILE)");
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

/** The settings' sources, read; what is made of them is up to whoever gets them. */
export function settingsSources(options: CommonOptions, role: Role): Sources {
  return openSources(settingsInput(options), role);
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
