import { settingOf } from "../catalogue.ts";
import { isLoopback } from "../loopback.ts";
import { oneOf, parseSslMode } from "../parsers.ts";
import { SSL_MODES, type SslMode } from "../parts.ts";
import { type Answers, SETUP_MODES, type SetupMode } from "./answers.ts";
import type { Asker, Choice } from "./asker.ts";
import { gatherCollector } from "./gather-collector.ts";
import { gatherPassword } from "./gather-password.ts";
import { gatherSecurity } from "./gather-security.ts";
import { beginGathering, endGathering, type Gathering, type SetupInput, usage } from "./gathering.ts";
import { complaintOf, type Question, type QuestionId, questionsOf } from "./questions.ts";
import { serverNotices } from "./server-notices.ts";
import { givenText, knownText } from "./sources.ts";

/**
 * Every answer: from a flag, else from the environment, else by asking, else from the files that are there, from a
 * local stack, or by default. Throws `usage` naming each flag that is missing or wrong, and `interrupted` when the person leaves.
 */
export async function gatherAnswers(
  input: SetupInput,
  mode: SetupMode,
  asker: Asker | null,
): Promise<Gathered> {
  const gathering = await beginGathering(input, mode, asker);
  const answers = await answersFrom(gathering);
  endGathering(gathering);
  return { answers, notices: serverNotices(gathering, answers) };
}

/** What a setup is to be, and what is worth knowing about it. */
export interface Gathered {
  readonly answers: Answers;
  readonly notices: readonly string[];
}

async function answersFrom(gathering: Gathering): Promise<Answers> {
  const { mode } = gathering;
  const texts = new Map<QuestionId, string>();
  for (const question of questionsOf(mode))
    texts.set(question.id, await gatherText(gathering, question, texts));
  const text = (id: QuestionId): string => texts.get(id) ?? "";
  const [host, user] = [text("databaseHost"), text("databaseUser")];
  const database = {
    host,
    port: text("databasePort"),
    name: text("databaseName"),
    user,
    ...(await gatherPassword(gathering, host, user)),
    sslmode: await gatherSslMode(gathering, host),
  };
  const { collector, cluster } = await gatherCollector(gathering);
  const security = mode === "hybrid-kafka" ? gatherSecurity(gathering, text("brokers")) : [];
  if (mode === "legacy") return { mode, collector, database };
  const kafka = {
    ...{ brokers: text("brokers"), topic: text("topic"), group: text("consumerGroup") },
    ...(security.length === 0 ? {} : { security }),
  };
  return { mode, collector, kafka, database, cluster };
}

/** Comes first, because it decides which files there may be already. */
export async function gatherMode(flag: unknown, asker: Asker | null): Promise<SetupMode> {
  if (typeof flag !== "string") {
    if (asker !== null) return asker.choose("What shall be set up?", MODES, "hybrid-kafka");
    throw usage(
      "--mode is missing: legacy, hybrid-kafka or e2e",
      "clusterflow setup --mode hybrid-kafka --yes",
    );
  }
  const parsed = oneOf(SETUP_MODES)(flag);
  if ("value" in parsed) return parsed.value;
  throw usage(
    `--mode is ${JSON.stringify(flag)}; wanted is ${parsed.wanted}`,
    "clusterflow setup --mode hybrid-kafka --yes",
  );
}

const MODES = [
  { value: "hybrid-kafka", label: "hybrid-kafka   cluster > collector > Kafka > consumer > PostgreSQL" },
  { value: "legacy", label: "legacy         cluster > collector > PostgreSQL" },
  {
    value: "e2e",
    label: "e2e            hybrid-kafka on a local stack, one snapshot sent through and verified",
  },
] as const;

async function gatherText(
  gathering: Gathering,
  question: Question,
  before: ReadonlyMap<QuestionId, string>,
): Promise<string> {
  const { given, input, asker, missing } = gathering;
  const text = givenText(gathering, question.id);
  if (text !== null) {
    given.parse(question.id, question.parse); // what does not fit goes to the findings
    return text;
  }
  const offered = defaultOf(gathering, question, before.get("databaseHost") ?? "");
  if (input.takesDefaults || isLocal(gathering, question.id)) return offered;
  if (asker === null) {
    missing.push(question.flag);
    return offered;
  }
  return (await asker.text(question.ask, offered, complaintOf(question.parse))).trim();
}

async function gatherSslMode(gathering: Gathering, host: string): Promise<SslMode> {
  const { given, input, asker, missing, local } = gathering;
  const offered = offeredSslMode(gathering, host);
  if (given.find("databaseSslmode")?.given) return given.parse("databaseSslmode", parseSslMode) ?? offered;
  if (input.takesDefaults || (asker !== null && local.database !== null)) return offered;
  if (asker !== null) return asker.choose("TLS to PostgreSQL", SSL_CHOICES, offered);
  missing.push("--sslmode");
  return offered;
}

function offeredSslMode(gathering: Gathering, host: string): SslMode {
  const usual = isLoopback(host) ? "disable" : "verify-full";
  const isStack = isLoopback(host) && gathering.local.database !== null;
  if (isStack || !isLikeKnown(gathering, host)) return usual;
  return sslModeOf(knownText(gathering, "databaseSslmode")) ?? usual;
}

/** libpq's words; `allow` is left to the flag, since it protects from nothing. */
const SSL_CHOICES: readonly Choice<SslMode>[] = [
  { value: "disable", label: "disable       none; for this machine" },
  { value: "prefer", label: "prefer        if the server has it, unchecked" },
  { value: "require", label: "require       always, the server unchecked" },
  { value: "verify-ca", label: "verify-ca     always, the certificate checked" },
  { value: "verify-full", label: "verify-full   always, certificate and host name checked" },
];

/** Nobody is asked for what the running stack has said, once it has been chosen. */
function isLocal({ local, asker }: Gathering, id: QuestionId): boolean {
  return asker !== null && local.database !== null && id !== "topic" && id !== "consumerGroup";
}

/** `host` is the database's: what is known of one machine says nothing about another. */
function defaultOf(gathering: Gathering, { id, parse }: Question, host: string): string {
  const isOfHost = id === "databasePort" || id === "databaseName" || id === "databaseUser";
  const isKnown = !isOfHost || isLikeKnown(gathering, host);
  const known = isKnown ? knownText(gathering, id, parse) : null;
  return localDefault(gathering, id, host) ?? known ?? developmentDefault(id);
}

/** Whether both hosts, this and the one in the existing files, are on this machine, or neither. */
function isLikeKnown(gathering: Gathering, host: string): boolean {
  const known = knownText(gathering, "databaseHost");
  return known === null || isLoopback(known) === isLoopback(host);
}

function localDefault({ local }: Gathering, id: QuestionId, host: string): string | null {
  if (id === "brokers") return local.brokers?.join(",") ?? null;
  if (local.database === null) return null;
  if (id === "databaseHost") return local.database.host;
  if (!isLoopback(host)) return null;
  if (id === "databasePort") return String(local.database.port);
  if (id === "databaseName") return local.database.database;
  return id === "databaseUser" ? local.database.user : null;
}

/** The database that the local stack makes, under the names that the replaced system's documents use. */
function developmentDefault(id: QuestionId): string {
  if (id === "databaseName" || id === "databaseUser") return "clusterinfo";
  return settingOf(id).fallback ?? "";
}

function sslModeOf(text: string | null): SslMode | null {
  return SSL_MODES.find((mode) => mode === text?.toLowerCase()) ?? null;
}
