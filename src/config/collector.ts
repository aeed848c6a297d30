import { parseDatabase } from "./database.ts";
import type { Findings } from "./findings.ts";
import { parseKafka } from "./kafka.ts";
import { parseKubernetes } from "./kubernetes.ts";
import type { Loaded } from "./loaded.ts";
import { readLog } from "./log.ts";
import { decideMode } from "./mode.ts";
import { parseInterval } from "./parsers.ts";
import type { CollectSchedule, DatabaseSettings, KafkaSettings, KubernetesSettings } from "./parts.ts";
import { refuseDatabase, refuseKafka } from "./refusal.ts";
import { seeOrigins } from "./role.ts";
import { sourcesFor, type Sources } from "./sources.ts";
import type { Layer, SettingsInput } from "./sources/layers.ts";
import { resolveValues, type Values } from "./sources/resolve.ts";

interface Common {
  readonly kubernetes: KubernetesSettings;
  readonly schedule: CollectSchedule;
}

/**
 * A collector that writes to Kafka. `database?: never` and not merely the absence of the field: a wider object
 * held in a variable would slip through structural typing otherwise.
 */
export interface CollectToKafka extends Common {
  readonly mode: "hybrid-kafka";
  readonly kafka: KafkaSettings;
  readonly database?: never;
}

/** A collector that writes straight to PostgreSQL. */
export interface CollectToPostgres extends Common {
  readonly mode: "legacy";
  readonly database: DatabaseSettings;
  readonly kafka?: never;
}

export type CollectorSettings = CollectToKafka | CollectToPostgres;

/**
 * Settings of `collect`. The mode decides which parser runs; the settings of the other mode are refused by name.
 * Throws one `usage` error that names everything wrong, where it came from and what is wanted.
 */
export function loadCollectorSettings(given: SettingsInput | Sources): Loaded<CollectorSettings> {
  const { input, layers, findings } = sourcesFor("collector", given);
  readLog(layers, input, findings);
  const settings = parseCollector(layers, input, findings);
  return { settings: findings.settle(settings, seeOrigins("collector")), notices: findings.notices };
}

/** Null when something is missing or does not fit; `findings` then says what. */
export function parseCollector(
  layers: readonly Layer[],
  input: SettingsInput,
  findings: Findings,
): CollectorSettings | null {
  const said = decideMode(layers, findings);
  if (said === null) {
    findings.gap(
      "no mode is given: neither --mode nor CLUSTERFLOW_MODE nor KAFKA_ENABLED says how to collect",
      NO_MODE,
    );
    return null;
  }
  return said.mode === "hybrid-kafka"
    ? parseToKafka(layers, input, findings)
    : parseToPostgres(layers, input, findings);
}

const NO_MODE = "clusterflow setup writes the settings; or pass --mode hybrid-kafka or --mode legacy";

function parseToKafka(
  layers: readonly Layer[],
  input: SettingsInput,
  findings: Findings,
): CollectToKafka | null {
  refuseDatabase(layers, input.flags["allowDatabaseEnv"] === true, findings);
  const values = resolveValues(layers, ["kafka", "kubernetes", "collector"], findings);
  const kafka = parseKafka(values, input, findings);
  const common = parseCommon(values, input, findings);
  return kafka === null ? null : { mode: "hybrid-kafka", kafka, ...common };
}

function parseToPostgres(
  layers: readonly Layer[],
  input: SettingsInput,
  findings: Findings,
): CollectToPostgres | null {
  refuseKafka(layers, findings);
  const values = resolveValues(layers, ["kubernetes", "collector"], findings);
  const database = parseDatabase(layers, input, findings);
  const common = parseCommon(values, input, findings);
  return database === null ? null : { mode: "legacy", database, ...common };
}

function parseCommon(
  values: Values<"kubernetes" | "collector">,
  { directory, flags }: SettingsInput,
  findings: Findings,
): Common {
  const intervalMs = values.parse("interval", parseInterval);
  return {
    kubernetes: parseKubernetes(values, directory, findings),
    schedule: {
      intervalMs: flags["once"] === true ? null : intervalMs,
      giveUpAfterMs: values.parse("giveUpAfter", parseInterval) ?? 300_000,
    },
  };
}
