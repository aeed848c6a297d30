/** Kafka's own rule, `org.apache.kafka.common.internals.Topic`. */
export function isTopicName(text: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(text) && text !== "." && text !== "..";
}

/** What people type after `--stream`. */
export function isStreamName(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,62}$/.test(text);
}

/** Names that every client of PostgreSQL can show; more than 63 bytes it cuts off without a word. */
export function isSqlName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(text) && text !== "__proto__";
}

/** Columns that every table has. */
const SYSTEM_COLUMNS = new Set(["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"]);

export function isColumnName(text: string): boolean {
  return isSqlName(text) && !SYSTEM_COLUMNS.has(text);
}

/** Schemas that are not the person's to fill. */
export function isForeignSchema(schema: string): boolean {
  return schema === "clusterflow" || schema === "information_schema" || schema.startsWith("pg_");
}

export const STREAM_NAME_WANTED = "a name of small letters, digits, dots, underscores or hyphens";
export const TOPIC_NAME_WANTED = "1 to 249 letters, digits, dots, underscores or hyphens";
export const SQL_NAME_WANTED = "a name of at most 63 letters, digits and underscores";
