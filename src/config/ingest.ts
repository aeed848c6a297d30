import { KNOWN_NAMES, settingOf } from "./catalogue.ts";
import { parseDatabase } from "./database.ts";
import type { Findings } from "./findings.ts";
import { parseKafka } from "./kafka.ts";
import type { Loaded } from "./loaded.ts";
import { readLog } from "./log.ts";
import { decideMode } from "./mode.ts";
import { withOwnPlace, type OwnPlace } from "./own-place.ts";
import { oneOf, parseHost, parseListenPort, parsePath, parseSize } from "./parsers.ts";
import type { DatabaseSettings, HttpAddress, KafkaSettings, SpoolSettings, TokenKeys } from "./parts.ts";
import { seeOrigins } from "./role.ts";
import { sourcesFor, type Sources } from "./sources.ts";
import type { Layer, SettingsInput } from "./sources/layers.ts";
import { resolveValues, type Values } from "./sources/resolve.ts";
import { parseTokenKeys } from "./token-keys.ts";

interface Common {
  readonly address: HttpAddress;
  readonly tokens: TokenSettings;
  readonly signup: "closed" | "readers";
}

interface TokenSettings {
  readonly keys: TokenKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeS: number;
}

/** A gateway that writes to Kafka, and elsewhere while Kafka is away. */
export interface IngestToKafka extends Common {
  readonly mode: "hybrid-kafka";
  readonly kafka: KafkaSettings;
  readonly spool: SpoolSettings;
  /** For logins and reports; null: there are none. */
  readonly database: DatabaseSettings | null;
  readonly failover: "spool" | "direct";
}

/** A gateway that writes straight to PostgreSQL. */
export interface IngestToPostgres extends Common {
  readonly mode: "legacy";
  readonly database: DatabaseSettings;
}

export type IngestSettings = IngestToKafka | IngestToPostgres;

/** The system before this one gave its tokens a day, too. */
const TOKEN_LIFETIME_S = 86_400;

/** Settings of `ingest`. Throws one `usage` error that names everything wrong. */
export function loadIngestSettings(given: SettingsInput | Sources, own?: OwnPlace): Loaded<IngestSettings> {
  const { input, layers: read, findings } = sourcesFor("ingest", given);
  const layers = own === undefined ? read : withOwnPlace(read, own, findings);
  readLog(layers, input, findings);
  const settings = parseIngest(layers, input, findings);
  return { settings: findings.settle(settings, seeOrigins("ingest")), notices: findings.notices };
}

/** Addresses to listen at that stand for all of a machine, and how its own clients say that. */
const HERE: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Where the gateway that has these settings is found from its own machine. */
export function loadGatewayUrl(given: SettingsInput | Sources): string {
  const { layers, findings } = sourcesFor("ingest", given);
  const values = resolveValues(layers, ["ingest"], findings);
  const address = parseAddress(values);
  if (address?.port === 0)
    findings.problem(
      "PORT=0 takes a free port, and which one only the gateway says: name it with --url",
      "clusterflow demo quiz --url http://127.0.0.1:8080",
    );
  const { host, port } = findings.settle(address, seeOrigins("ingest"));
  const name = HERE[host] ?? host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function parseAddress(values: Values<"ingest">): HttpAddress | null {
  const port = values.parse("port", parseListenPort);
  const host = values.parse("host", parseHost);
  return port === null || host === null ? null : { host, port };
}

/** Null when something is missing or does not fit; `findings` then says what. */
export function parseIngest(
  layers: readonly Layer[],
  input: SettingsInput,
  findings: Findings,
): IngestSettings | null {
  const said = decideMode(layers, findings);
  if (said === null) {
    findings.gap(
      "no mode is given: neither KAFKA_ENABLED nor --mode says where events go",
      "set KAFKA_ENABLED=true to send them to Kafka, or KAFKA_ENABLED=false to write them to PostgreSQL",
    );
    return null;
  }
  const common = parseCommon(layers, input, findings);
  const settings =
    said.mode === "hybrid-kafka"
      ? parseToKafka(layers, input, findings)
      : parseDirect(layers, input, findings);
  return common === null || settings === null ? null : { ...common, ...settings };
}

function parseDirect(
  layers: readonly Layer[],
  input: SettingsInput,
  findings: Findings,
): Omit<IngestToPostgres, keyof Common> | null {
  const database = parseDatabase(layers, input, findings);
  return database === null ? null : { mode: "legacy", database };
}

function parseToKafka(
  layers: readonly Layer[],
  input: SettingsInput,
  findings: Findings,
): Omit<IngestToKafka, keyof Common> | null {
  const values = resolveValues(layers, ["kafka", "ingest"], findings);
  const kafka = parseKafka(values, input, findings);
  const failover = values.parse("failover", oneOf(["spool", "direct"]));
  const isGiven = hasDatabase(layers);
  const database = isGiven ? parseDatabase(layers, input, findings) : null;
  const spool = parseSpool(values, input);
  if (failover === "direct" && !isGiven)
    findings.gap("--failover direct writes to PostgreSQL, and no database is given", "set DATABASE_URL");
  if (kafka === null || failover === null || spool === null || (isGiven && database === null)) return null;
  // each topic has a spool of its own: what waits for one is never replayed into another
  const dir = `${spool.dir}/${kafka.topic}`;
  return { mode: "hybrid-kafka", kafka, failover, database, spool: { ...spool, dir } };
}

/** libpq's own variables do not count: they are there for `psql` as a rule. */
function hasDatabase(layers: readonly Layer[]): boolean {
  return layers
    .flat()
    .some(({ id, name }) => settingOf(id).group === "database" && KNOWN_NAMES.get(name)?.libpq !== true);
}

function parseSpool(values: Values<"ingest">, { directory }: SettingsInput): SpoolSettings | null {
  const dir = values.parse("spoolDir", parsePath(directory));
  const maxBytes = values.parse("spoolLimit", parseSize);
  return dir === null || maxBytes === null ? null : { dir, maxBytes };
}

function parseCommon(layers: readonly Layer[], input: SettingsInput, findings: Findings): Common | null {
  const values = resolveValues(layers, ["ingest"], findings);
  const address = parseAddress(values);
  const signup = values.parse("signup", oneOf(["closed", "readers"]));
  const keys = parseTokenKeys(values, input.directory, findings);
  const issuer = values.text("jwtIssuer");
  const audience = values.text("jwtAudience");
  if (address === null || signup === null || keys === null) return null;
  if (issuer === null || audience === null) return null;
  const tokens = { keys, issuer, audience, lifetimeS: TOKEN_LIFETIME_S };
  return { address, signup, tokens };
}
