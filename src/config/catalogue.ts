import { INGEST_SETTINGS } from "./catalogue-ingest.ts";

/**
 * Every variable that clusterflow knows. A setting may be spelled in several ways because the systems it replaces
 * did; the first spelling is the one clusterflow writes. A secret also has a `NAME_FILE` variant of every spelling,
 * and no flag but `--NAME-file`: a flag's value shows in `ps`.
 */
export type Group =
  | "mode"
  | "streams"
  | "kafka"
  | "consumer"
  | "database"
  | "source"
  | "kubernetes"
  | "collector"
  | "ingest"
  | "http"
  | "log";

export interface Setting {
  readonly group: Group;
  readonly names: readonly string[];
  /** libpq's own variable. In the environment it is there for `psql` as a rule, so it counts less than any file. */
  readonly libpq?: string;
  /** Key of the flag in commander's options: `dbHost` for `--db-host`. */
  readonly flag?: string;
  readonly secret?: true;
  /** What counts when nobody says anything. */
  readonly fallback?: string;
}

export const SETTINGS = {
  mode: { group: "mode", names: ["CLUSTERFLOW_MODE"], flag: "mode" },
  kafkaEnabled: { group: "mode", names: ["KAFKA_ENABLED"] },

  stream: { group: "streams", names: ["CLUSTERFLOW_STREAM"], flag: "stream", fallback: "cluster-info" },
  streamsFile: { group: "streams", names: ["CLUSTERFLOW_STREAMS"], flag: "streamsFile" },

  brokers: {
    group: "kafka",
    names: ["KAFKA_BROKERS", "KAFKA_BOOTSTRAP_SERVERS"],
    flag: "brokers",
    fallback: "localhost:9092",
  },
  topic: { group: "kafka", names: ["KAFKA_TOPIC"], flag: "topic", fallback: "cluster-info" },
  // librdkafka's words for what it has words for, in capitals and with KAFKA_ in front
  kafkaProtocol: {
    group: "kafka",
    names: ["KAFKA_SECURITY_PROTOCOL"],
    flag: "kafkaSecurityProtocol",
    fallback: "PLAINTEXT",
  },
  kafkaMechanism: {
    group: "kafka",
    names: ["KAFKA_SASL_MECHANISM", "KAFKA_SASL_MECHANISMS"],
    flag: "kafkaSaslMechanism",
  },
  kafkaUsername: { group: "kafka", names: ["KAFKA_SASL_USERNAME"], flag: "kafkaSaslUsername" },
  kafkaPassword: { group: "kafka", names: ["KAFKA_SASL_PASSWORD"], flag: "kafkaSaslPassword", secret: true },
  kafkaTokenUrl: {
    group: "kafka",
    names: ["KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"],
    flag: "kafkaSaslOauthbearerTokenEndpointUrl",
  },
  kafkaClientId: {
    group: "kafka",
    names: ["KAFKA_SASL_OAUTHBEARER_CLIENT_ID"],
    flag: "kafkaSaslOauthbearerClientId",
  },
  kafkaClientSecret: {
    group: "kafka",
    names: ["KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET"],
    flag: "kafkaSaslOauthbearerClientSecret",
    secret: true,
  },
  kafkaScope: {
    group: "kafka",
    names: ["KAFKA_SASL_OAUTHBEARER_SCOPE"],
    flag: "kafkaSaslOauthbearerScope",
  },
  // a path and not a secret's `_FILE`: whoever writes the token renews it, so it is read anew for every login
  kafkaTokenFile: {
    group: "kafka",
    names: ["KAFKA_SASL_OAUTHBEARER_TOKEN_FILE"],
    flag: "kafkaSaslOauthbearerTokenFile",
  },
  kafkaTokenCa: { group: "kafka", names: ["KAFKA_HTTPS_CA_LOCATION"], flag: "kafkaHttpsCaLocation" },
  kafkaCa: { group: "kafka", names: ["KAFKA_SSL_CA_LOCATION"], flag: "kafkaSslCaLocation" },
  kafkaCertificate: {
    group: "kafka",
    names: ["KAFKA_SSL_CERTIFICATE_LOCATION"],
    flag: "kafkaSslCertificateLocation",
  },
  kafkaKey: { group: "kafka", names: ["KAFKA_SSL_KEY_LOCATION"], flag: "kafkaSslKeyLocation" },
  kafkaKeyPassword: {
    group: "kafka",
    names: ["KAFKA_SSL_KEY_PASSWORD"],
    flag: "kafkaSslKeyPassword",
    secret: true,
  },
  kafkaInsecure: {
    group: "kafka",
    names: ["KAFKA_INSECURE_SEND_PASSWORD_IN_PLAIN_TEXT"],
    flag: "insecureSendPasswordInPlainText",
    fallback: "false",
  },
  consumerGroup: {
    group: "consumer",
    names: ["KAFKA_GROUP_ID", "KAFKA_CONSUMER_GROUP", "KAFKA_GROUP"],
    flag: "group",
    fallback: "cluster-info-consumer",
  },
  maxPoison: { group: "consumer", names: ["CLUSTERFLOW_MAX_POISON"], flag: "maxPoison", fallback: "100" },
  dlqTopic: { group: "consumer", names: ["CLUSTERFLOW_DLQ_TOPIC"], flag: "dlqTopic" },

  databaseUrl: {
    group: "database",
    names: ["DATABASE_URL", "POSTGRES_URL", "DB_URL"],
    flag: "databaseUrl",
    secret: true,
  },
  databaseHost: {
    group: "database",
    names: ["DATABASE_HOST", "DB_HOST", "POSTGRES_HOST"],
    libpq: "PGHOST",
    flag: "dbHost",
    fallback: "localhost",
  },
  databasePort: {
    group: "database",
    names: ["DATABASE_PORT", "DB_PORT", "POSTGRES_PORT"],
    libpq: "PGPORT",
    flag: "dbPort",
    fallback: "5432",
  },
  databaseName: {
    group: "database",
    names: ["DATABASE_NAME", "DB_NAME", "POSTGRES_DB"],
    libpq: "PGDATABASE",
    flag: "dbName",
  },
  databaseUser: {
    group: "database",
    names: ["DATABASE_USER", "DB_USER", "POSTGRES_USER"],
    libpq: "PGUSER",
    flag: "dbUser",
  },
  databasePassword: {
    group: "database",
    names: ["DATABASE_PASSWORD", "DB_PASSWORD", "POSTGRES_PASSWORD"],
    libpq: "PGPASSWORD",
    flag: "dbPassword",
    secret: true,
  },
  databaseSslmode: {
    group: "database",
    names: ["DATABASE_SSLMODE", "DB_SSLMODE", "DB_SSL_MODE", "DATABASE_SSL_MODE", "POSTGRES_SSLMODE"],
    libpq: "PGSSLMODE",
    flag: "sslmode",
  },
  databaseSslRootCert: {
    group: "database",
    names: ["DATABASE_SSLROOTCERT", "DB_SSLROOTCERT"],
    libpq: "PGSSLROOTCERT",
    flag: "sslrootcert",
  },
  databaseSslCert: {
    group: "database",
    names: ["DATABASE_SSLCERT", "DB_SSLCERT"],
    libpq: "PGSSLCERT",
    flag: "sslcert",
  },
  databaseSslKey: {
    group: "database",
    names: ["DATABASE_SSLKEY", "DB_SSLKEY"],
    libpq: "PGSSLKEY",
    flag: "sslkey",
  },
  databaseSslPassword: {
    group: "database",
    names: ["DATABASE_SSLPASSWORD", "DB_SSLPASSWORD"],
    flag: "sslpassword",
    secret: true,
  },
  databasePrepared: { group: "database", names: ["DATABASE_PREPARED_STATEMENTS"], fallback: "true" },

  // where the table is that a cut-over moves; left out, it is in the database of the others
  sourceUrl: {
    group: "source",
    names: ["SOURCE_DATABASE_URL"],
    flag: "sourceDatabaseUrl",
    secret: true,
  },

  kubeconfig: { group: "kubernetes", names: ["KUBECONFIG"], flag: "kubeconfig" },
  kubeContext: { group: "kubernetes", names: ["CLUSTERFLOW_KUBE_CONTEXT"], flag: "kubeContext" },
  kubeServer: { group: "kubernetes", names: ["CLUSTERFLOW_KUBE_SERVER"], flag: "kubeServer" },
  kubeToken: { group: "kubernetes", names: ["CLUSTERFLOW_KUBE_TOKEN"], flag: "kubeToken", secret: true },
  kubeCaFile: { group: "kubernetes", names: ["CLUSTERFLOW_KUBE_CA_FILE"], flag: "kubeCaFile" },
  kubeInsecure: {
    group: "kubernetes",
    names: ["CLUSTERFLOW_KUBE_INSECURE_SKIP_TLS_VERIFY"],
    flag: "kubeInsecureSkipTlsVerify",
    fallback: "false",
  },
  clusterId: { group: "kubernetes", names: ["CLUSTERFLOW_CLUSTER_ID"], flag: "clusterId" },
  clusterName: { group: "kubernetes", names: ["CLUSTERFLOW_CLUSTER_NAME"], flag: "clusterName" },
  // kubectl's and client-go's own size of a page; larger ones gain nothing that could be measured
  pageSize: { group: "kubernetes", names: ["CLUSTERFLOW_PAGE_SIZE"], flag: "pageSize", fallback: "500" },

  interval: { group: "collector", names: ["COLLECTION_INTERVAL"], flag: "interval" },
  giveUpAfter: {
    group: "collector",
    names: ["CLUSTERFLOW_GIVE_UP_AFTER"],
    flag: "giveUpAfter",
    fallback: "5m",
  },

  ...INGEST_SETTINGS,

  http: { group: "http", names: ["CLUSTERFLOW_HTTP"], flag: "http" },

  logLevel: { group: "log", names: ["LOG_LEVEL"], flag: "logLevel", fallback: "info" },
  logFormat: { group: "log", names: ["LOG_FORMAT"], flag: "logFormat", fallback: "text" },
} as const satisfies Record<string, Setting>;

export type SettingId = keyof typeof SETTINGS;

/** The settings of some groups: whoever resolves only these cannot even ask for another. */
export type IdOf<G extends Group> = {
  [Id in SettingId]: (typeof SETTINGS)[Id]["group"] extends G ? Id : never;
}[SettingId];

/** One setting in the wide shape, for code that goes over all of them. */
export function settingOf(id: SettingId): Setting {
  return SETTINGS[id];
}

export const SETTING_IDS: readonly SettingId[] = Object.keys(SETTINGS).filter((id) => isSettingId(id));

function isSettingId(id: string): id is SettingId {
  return Object.hasOwn(SETTINGS, id);
}

export interface KnownName {
  readonly id: SettingId;
  /** The value is the path of a file that holds the secret. */
  readonly file: boolean;
  readonly libpq: boolean;
}

export const KNOWN_NAMES: ReadonlyMap<string, KnownName> = new Map(SETTING_IDS.flatMap(spellings));

function spellings(id: SettingId): readonly [string, KnownName][] {
  const setting = settingOf(id);
  const plain = setting.names.map((name): [string, KnownName] => [name, { id, file: false, libpq: false }]);
  const libpq = setting.libpq === undefined ? [] : [setting.libpq];
  const own = libpq.map((name): [string, KnownName] => [name, { id, file: false, libpq: true }]);
  if (setting.secret !== true) return [...plain, ...own];
  const files = setting.names.map((name): [string, KnownName] => [
    `${name}_FILE`,
    { id, file: true, libpq: false },
  ]);
  return [...plain, ...own, ...files];
}
