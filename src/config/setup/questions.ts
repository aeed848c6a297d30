import type { IdOf } from "../catalogue.ts";
import {
  type Parser,
  parseBrokers,
  parseDatabaseWord,
  parseGroup,
  parseHost,
  parseInterval,
  parsePort,
  parseServerUrl,
  parseTopic,
} from "../parsers.ts";
import type { SetupMode } from "./answers.ts";

/** Questions whose answer is one line of text. */
export type QuestionId = Extract<
  IdOf<"kafka" | "consumer" | "database" | "kubernetes" | "collector">,
  "brokers" | "topic" | "consumerGroup" | "databaseHost" | "databasePort" | "databaseName" | "databaseUser"
>;

export interface Question {
  readonly id: QuestionId;
  readonly flag: string;
  readonly ask: string;
  readonly parse: Parser<unknown>;
}

const KAFKA: readonly Question[] = [
  { id: "brokers", flag: "--brokers", ask: "Kafka brokers (host:port, commas between)", parse: parseBrokers },
  { id: "topic", flag: "--topic", ask: "Topic", parse: parseTopic },
  { id: "consumerGroup", flag: "--group", ask: "Consumer group", parse: parseGroup },
];

const DATABASE: readonly Question[] = [
  { id: "databaseHost", flag: "--db-host", ask: "PostgreSQL host", parse: parseHost },
  { id: "databasePort", flag: "--db-port", ask: "PostgreSQL port", parse: parsePort },
  { id: "databaseName", flag: "--db-name", ask: "Database", parse: parseDatabaseWord },
  { id: "databaseUser", flag: "--db-user", ask: "User", parse: parseDatabaseWord },
];

/** In the order in which they are asked; the password, TLS, the cluster and the interval have questions of their own. */
export function questionsOf(mode: SetupMode): readonly Question[] {
  return mode === "legacy" ? DATABASE : [...KAFKA, ...DATABASE];
}

/** What is wrong with a typed answer; null when it fits. */
export function complaintOf(parse: Parser<unknown>): (text: string) => string | null {
  return (text) => {
    const parsed = parse(text.trim());
    if ("value" in parsed && text.trim() !== "") return null;
    return `wanted is ${"wanted" in parsed ? parsed.wanted : "an answer"}`;
  };
}

export const complaintOfServer = complaintOf(parseServerUrl);

/** No interval, in a word: an empty answer means the one that was offered. */
export const ONCE = "once";

export function complaintOfInterval(text: string): string | null {
  return text.trim() === ONCE ? null : complaintOf(parseInterval)(text);
}
