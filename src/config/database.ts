import { REFUSED_LIBPQ_NAMES, UNUSED_LIBPQ_NAMES } from "./foreign-names.ts";
import { parseClientCertificate } from "./client-certificate.ts";
import { withDatabaseUrl } from "./database-layers.ts";
import type { Environment } from "./env.ts";
import type { Findings } from "./findings.ts";
import type { Loaded } from "./loaded.ts";
import { readLog } from "./log.ts";
import { isLoopback } from "./loopback.ts";
import { parseBoolean, parseDatabaseWord, parseHost, parsePath, parsePort, parseSslMode } from "./parsers.ts";
import type { DatabaseSettings, SslMode } from "./parts.ts";
import { seeOrigins } from "./role.ts";
import { sourcesFor, type Sources } from "./sources.ts";
import type { Layer, SettingsInput } from "./sources/layers.ts";
import { resolveValues, type Values } from "./sources/resolve.ts";

/** For commands that speak to the database alone. Throws one `usage` error that names everything wrong. */
export function loadDatabaseSettings(given: SettingsInput | Sources): Loaded<DatabaseSettings> {
  const { input, layers, findings } = sourcesFor("database", given);
  readLog(layers, input, findings);
  const settings = parseDatabase(layers, input, findings);
  return { settings: findings.settle(settings, seeOrigins("database")), notices: findings.notices };
}

/** Null when something is missing or does not fit; `findings` then says what. */
export function parseDatabase(
  layers: readonly Layer[],
  input: Pick<SettingsInput, "environment" | "directory">,
  findings: Findings,
): DatabaseSettings | null {
  const values = resolveValues(withDatabaseUrl(layers, findings), ["database"], findings);
  judgeLibpq(input.environment, findings);
  const host = values.parse("databaseHost", parseHost);
  const port = values.parse("databasePort", parsePort);
  const database = required(values, "databaseName", "--db-name", findings);
  const user = required(values, "databaseUser", "--db-user", findings);
  if (host === null) return null;
  const tls = parseTls(values, host, input.directory, findings);
  if (port === null || database === null || user === null || tls === null) return null;
  const prepared = values.parse("databasePrepared", parseBoolean) ?? true;
  const password = values.text("databasePassword");
  return { host, port, database, user, password, ...tls, ...(prepared ? {} : { prepared }) };
}

function required(
  values: Values<"database">,
  id: "databaseName" | "databaseUser",
  flag: string,
  findings: Findings,
): string | null {
  if (values.find(id) !== null) return values.parse(id, parseDatabaseWord);
  const [what, name] =
    id === "databaseName" ? ["database name", "DATABASE_NAME"] : ["database user", "DATABASE_USER"];
  findings.gap(`no ${what} is given: set ${name} or DATABASE_URL, pass ${flag}, or run clusterflow setup`);
  return null;
}

function parseTls(
  values: Values<"database">,
  host: string,
  directory: string,
  findings: Findings,
): Pick<DatabaseSettings, "sslmode" | "sslRootCert" | "sslClient"> | null {
  const isSystem = values.text("databaseSslRootCert") === "system";
  const unsaid = isSystem ? "verify-full" : defaultSslMode(host);
  const sslmode =
    values.find("databaseSslmode") === null ? unsaid : values.parse("databaseSslmode", parseSslMode);
  if (sslmode === null) return null;
  judgeTls(sslmode, host, isSystem, findings);
  const sslClient = parseClientCertificate(values, DATABASE_CERTIFICATE, directory, findings);
  return {
    sslmode,
    sslRootCert: isSystem ? null : values.parse("databaseSslRootCert", parsePath(directory)),
    ...(sslClient === null ? {} : { sslClient }),
  };
}

const DATABASE_CERTIFICATE = {
  certificate: "databaseSslCert",
  key: "databaseSslKey",
  password: "databaseSslPassword",
} as const;

/** libpq has `sslrootcert=system` check the host name as well, and refuses weaker words beside it. */
function judgeTls(sslmode: SslMode, host: string, isSystem: boolean, findings: Findings): void {
  if (isSystem && sslmode !== "verify-full") {
    findings.problem(
      `sslrootcert=system trusts every public authority, so it wants sslmode=verify-full and not ${sslmode}`,
    );
  }
  if (!isLoopback(host) && ["disable", "allow", "prefer"].includes(sslmode)) {
    findings.notice(`sslmode=${sslmode} lets the connection to ${host} go unencrypted`);
  }
}

/** libpq's `prefer` gives in to anybody who answers that TLS is not to be had, so it is for this machine only. */
export function defaultSslMode(host: string): SslMode {
  return isLoopback(host) ? "prefer" : "verify-full";
}

function judgeLibpq(environment: Environment, findings: Findings): void {
  const set = UNUSED_LIBPQ_NAMES.filter((name) => environment[name] !== undefined);
  if (set.length > 0) findings.notice(`${set.join(", ")} in the environment: not used by clusterflow`);
  for (const [name, harmless] of Object.entries(REFUSED_LIBPQ_NAMES)) {
    const value = environment[name] ?? "";
    if (value === "" || harmless.includes(value)) continue;
    findings.problem(
      `${name} in the environment asks for a protection that clusterflow does not have`,
      `unset ${name}, and set DATABASE_SSLMODE=verify-full where the server is to be checked`,
    );
  }
}
