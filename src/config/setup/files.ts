import { KNOWN_NAMES, settingOf } from "../catalogue.ts";
import { MASK } from "../mask.ts";
import type { Answers, CollectorAnswers, DatabaseAnswers, KafkaAnswers } from "./answers.ts";
import { quoteForShell } from "./quote.ts";
import { seal } from "./seal.ts";

/** One env file as the wizard writes it. */
export interface SetupFile {
  /** Without the folder. */
  readonly name: string;
  /** One comment line, without its `#`. */
  readonly title: string;
  readonly lines: readonly Line[];
}

type Line = readonly [name: string, value: string];

/** The env files that a setup consists of: the collector's first. */
export function setupFiles(answers: Answers): readonly SetupFile[] {
  switch (answers.mode) {
    case "legacy":
      return [collectToPostgresFile(answers.collector, answers.database)];
    case "hybrid-kafka":
      return [
        collectToKafkaFile(".env.hybrid", answers.collector, answers.kafka),
        consumeFile(".env.hybrid-consumer", answers.kafka, answers.database),
      ];
    case "e2e":
      return [
        collectToKafkaFile(".env.e2e-collector", answers.collector, answers.kafka),
        consumeFile(".env.e2e-consumer", answers.kafka, answers.database),
      ];
  }
}

export function renderFile({ title, lines }: SetupFile): string {
  const settings = lines.map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
  return seal(title, `${settings.join("\n")}\n`);
}

/** The settings of a file by name, secrets masked. */
export function maskedSettings({ lines }: SetupFile): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map(([name, value]) => [name, isSecret(name) ? MASK : value]));
}

/** Whether a name's value is the secret itself and not the path of a file that holds it. */
export function isSecret(name: string): boolean {
  const known = KNOWN_NAMES.get(name);
  return known !== undefined && !known.file && settingOf(known.id).secret === true;
}

/** Takes no database, so none can get into the file. */
function collectToKafkaFile(name: string, collector: CollectorAnswers, kafka: KafkaAnswers): SetupFile {
  return {
    name,
    title: "Collector, mode hybrid-kafka: Kubernetes to Kafka.",
    lines: [...kafkaLines(kafka), ...LOG_LINES, ...collectorLines(collector)],
  };
}

function collectToPostgresFile(collector: CollectorAnswers, database: DatabaseAnswers): SetupFile {
  return {
    name: ".env.hybrid",
    title: "Collector, mode legacy: Kubernetes to PostgreSQL.",
    lines: [
      ["KAFKA_ENABLED", "false"],
      ...databaseLines("DB", database),
      ...LOG_LINES,
      ...collectorLines(collector),
    ],
  };
}

function consumeFile(name: string, kafka: KafkaAnswers, database: DatabaseAnswers): SetupFile {
  return {
    name,
    title: "Consumer: Kafka to PostgreSQL.",
    lines: [
      ...kafkaLines(kafka),
      ["KAFKA_GROUP_ID", kafka.group],
      ...databaseLines("DATABASE", database),
      ...LOG_LINES,
    ],
  };
}

const LOG_LINES: readonly Line[] = [
  ["LOG_LEVEL", "info"],
  ["LOG_FORMAT", "text"],
];

function kafkaLines({ brokers, topic, security = [] }: KafkaAnswers): Line[] {
  return [
    ["KAFKA_ENABLED", "true"],
    ["KAFKA_BROKERS", brokers],
    ["KAFKA_TOPIC", topic],
    ...security.map(({ name, value }): Line => [name, value]),
  ];
}

/** Both spellings stay in use, as in the files that people bring along: DB_ for the legacy collector. */
function databaseLines(prefix: "DB" | "DATABASE", database: DatabaseAnswers): Line[] {
  const { host, port, name, user, password, sslmode } = database;
  const passwordLines: Record<typeof password.kind, Line[]> = {
    text: [[`${prefix}_PASSWORD`, password.kind === "text" ? password.text : ""]],
    file: [[`${prefix}_PASSWORD_FILE`, password.kind === "file" ? password.path : ""]],
    none: [],
  };
  return [
    [`${prefix}_HOST`, host],
    [`${prefix}_PORT`, port],
    [`${prefix}_NAME`, name],
    [`${prefix}_USER`, user],
    ...passwordLines[password.kind],
    [`${prefix}_SSLMODE`, sslmode],
  ];
}

function collectorLines({ kubeconfig, context, server, interval }: CollectorAnswers): Line[] {
  const all: readonly (readonly [string, string | null])[] = [
    ["KUBECONFIG", kubeconfig],
    ["CLUSTERFLOW_KUBE_CONTEXT", context],
    ["CLUSTERFLOW_KUBE_SERVER", server],
    ["COLLECTION_INTERVAL", interval],
  ];
  return all.flatMap(([name, value]): Line[] => (value === null ? [] : [[name, value]]));
}
