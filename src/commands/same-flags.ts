import { quoteForShell } from "../config/setup/quote.ts";
import type { CommonOptions } from "./options.ts";

const KAFKA = { brokers: "--brokers" };
/** A stream's name says its topic and group, unless others were named. */
const PLACE = { topic: "--topic", group: "--group" };
const STREAMS = { streamsFile: "--streams-file" };
const DATABASE = {
  dbHost: "--db-host",
  dbPort: "--db-port",
  dbName: "--db-name",
  dbUser: "--db-user",
  dbPasswordFile: "--db-password-file",
  databaseUrlFile: "--database-url-file",
  sslmode: "--sslmode",
};

type Options = Pick<CommonOptions, string>;

/** The next commands about the same servers: with the flags that named them, where a command takes those. */
export function withSameFlags(hint: string, options: Options, mode: "legacy" | "hybrid-kafka"): string {
  const wordsOf = (flags: Readonly<Record<string, string>>): string =>
    Object.entries(flags)
      .filter(([key, flag]) => typeof options[key] === "string" && !hint.includes(`${flag} `))
      .map(([key, flag]) => ` ${flag} ${quoteForShell(String(options[key]))}`)
      .join("");
  const [kafka, database] = [
    mode === "legacy" ? "" : wordsOf(hint.includes("--stream ") ? { ...KAFKA, ...PLACE } : KAFKA),
    wordsOf({ ...DATABASE, ...STREAMS }),
  ];
  // a collector in Kafka mode takes no database
  return hint.replaceAll(/clusterflow (collect|consume|verify)\b/g, (command, verb) =>
    verb === "collect" && mode !== "legacy" ? command + kafka : command + kafka + database,
  );
}
