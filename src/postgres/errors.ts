import { ClusterflowError, type ErrorCode } from "../core/errors.ts";
import type { DatabaseSettings } from "../config/parts.ts";

/**
 * What a failed statement means for the rows in it. `transient`: wait and try the same again, however long it
 * takes. `data`: one of the rows can never be stored. `fatal`: somebody has to change something first.
 */
export type Failure = "transient" | "data" | "fatal";

const READ_ONLY = "25006";

/** SQLSTATE classes and codes; longer entries win. Source: PostgreSQL appendix A and sink-anchors section 8. */
const BY_SQLSTATE: Readonly<Record<string, Failure>> = {
  "08": "transient", // connection exceptions
  "21": "data", // one fact twice in a statement that replaces it, spelled in two ways: halving parts them
  "22": "data", // data exceptions: 22P02 bad JSON, 22P05 \u0000 in jsonb, 22021 NUL byte, 22003 out of range
  "23": "data", // a constraint of the table refuses the row
  [READ_ONLY]: "transient", // read-only: a standby after a failover, until the primary is found
  "40": "transient", // serialization failure, deadlock
  "53": "transient", // disk full, out of memory, too many connections: an operator makes room, the rows are fine
  "54001": "data", // statement too complex: a document nested too deeply
  "54000": "data", // program limit exceeded: a key too long for its index
  "55P03": "transient", // lock not available
  "57": "transient", // shutdown, crash, cancelled by a time-out
  "58": "transient", // I/O error
};

/** Errors of this driver and of sockets that say nothing about the statement's outcome. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "CLUSTERFLOW_SILENCE",
  "CLUSTERFLOW_TIME_LIMIT",
  "ENOTFOUND",
]);

export function codeOf(thrown: unknown): string | null {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return null;
  return typeof thrown.code === "string" ? thrown.code : null;
}

/** True for an answer of the server, as opposed to a lost connection or a fault of ours. */
export function isServerError(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "PostgresError";
}

/**
 * Whether the next statement needs a new session: after whatever is no answer of the server, and after one that says
 * that it may only be read. A session keeps what it began with, and a new one may find the server that may be written.
 */
export function endsSession(thrown: unknown): boolean {
  return !isServerError(thrown) || codeOf(thrown) === READ_ONLY;
}

export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof ClusterflowError)
    return thrown.code === "data" ? "data" : thrown.retryable ? "transient" : "fatal";
  const code = codeOf(thrown);
  if (code === null) return "fatal";
  if (!isServerError(thrown)) return TRANSIENT_CODES.has(code) ? "transient" : "fatal";
  return BY_SQLSTATE[code] ?? BY_SQLSTATE[code.slice(0, 2)] ?? "fatal";
}

/** A statement that nobody prepared in this session, or that somebody else did. */
const POOLER =
  "is there a pooler that gives each statement another session? set DATABASE_PREPARED_STATEMENTS=false";

/** A relation or a type of a name that a migration wants. */
const TAKEN = "another program's tables are in this database: use a database of its own for clusterflow";

/** SQLSTATE -> what to tell the person, for the errors that a setting or a missing step may cause. */
const HINTS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  "28P01": ["unreachable", "check DATABASE_USER and DATABASE_PASSWORD"],
  "28000": ["unreachable", "check DATABASE_USER, and the server's pg_hba.conf"],
  "3D000": ["unreachable", "check DATABASE_NAME, or create the database"],
  "42501": ["unreachable", "grant the user the rights to create and write the schema clusterflow"],
  "42P01": ["wrong", "clusterflow migrate"],
  "42883": ["wrong", "clusterflow migrate"],
  "42703": ["wrong", "clusterflow migrate"],
  "3F000": ["wrong", "clusterflow migrate"],
  "26000": ["wrong", POOLER],
  "42P05": ["wrong", POOLER],
  "42P07": ["usage", TAKEN],
  "42710": ["usage", TAKEN],
  "2BP01": ["refused", "drop what depends on it first, such as a view"],
  ENOTFOUND: ["unreachable", "check DATABASE_HOST"],
};

/** The server, the database and the user as a person calls them; every sentence about them begins so. */
export function databaseName({ host, port, database, user }: DatabaseSettings): string {
  return `PostgreSQL ${host}:${port}/${database} as ${user}`;
}

/** Any failure of a database call as one sentence, with the host and the database, without the password. */
export function toDatabaseError(thrown: unknown, settings: DatabaseSettings): ClusterflowError {
  if (thrown instanceof ClusterflowError) return thrown;
  const vendorCode = codeOf(thrown) ?? "";
  const retryable = failureOf(thrown) === "transient";
  const refused = CLIENT_REFUSED.test(vendorCode) ? CLIENT_HINT : undefined;
  const [code, hint] = HINTS[vendorCode] ?? refused ?? (retryable ? OUTAGE : UNKNOWN);
  const message = `${databaseName(settings)}: ${messageOf(thrown)}`;
  return new ClusterflowError(message, { code, hint, retryable, vendorCode, cause: thrown });
}

/** OpenSSL's words for what a server says of a client certificate; TLS 1.3 says so after the handshake only. */
const CLIENT_REFUSED = /^ERR_SSL_.*ALERT.*(_CA|CERTIFICATE)/;
const CLIENT_HINT = [
  "unreachable",
  "check DATABASE_SSLCERT and DATABASE_SSLKEY: the server must trust who signed the certificate",
] as const;

const OUTAGE = ["unreachable", "is the server running? clusterflow local status"] as const;
const UNKNOWN = ["unexpected", "look at the server's log"] as const;

/** The server's own error under our wrapping. */
export function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

/** A refused connection has an empty message in Node: the addresses that were tried are inside it. */
function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return messageOf(thrown.errors[0]);
  return thrown instanceof Error && thrown.message !== "" ? thrown.message : String(thrown);
}
