/** The parts of a database address, as texts; only those that were there. */
export interface DatabaseUrlParts {
  host?: string;
  port?: string;
  name?: string;
  user?: string;
  password?: string;
  sslmode?: string;
  sslRootCert?: string;
  sslCert?: string;
  sslKey?: string;
  sslPassword?: string;
}

/** `unused` are parameters that were understood and have no effect. `trouble` never holds a piece of the address. */
export type DatabaseUrl =
  { readonly parts: DatabaseUrlParts; readonly unused: readonly string[] } | { readonly trouble: string };

/**
 * Reads `postgres://user:password@host:port/name?sslmode=...` (libpq, "Connection URIs"). Our own reader, because
 * `new URL` keeps the whole text, password included, in the error it throws. Everything up to the last `@` before
 * the first `/` or `?` belongs to user and password, so `@` and `#` may stand in a password as they are.
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const pieces = /^postgres(?:ql)?:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text);
  if (pieces === null) return { trouble: "does not start with postgres:// or postgresql://" };
  const [authority, path, query] = [pieces[1] ?? "", pieces[2] ?? "", pieces[3] ?? ""];
  if (`${path}${query}`.includes("@")) return { trouble: `has an @ behind the first / or ?. ${ENCODE}` };
  const at = authority.lastIndexOf("@");
  const parts: DatabaseUrlParts = {};
  const unused: string[] = [];
  const trouble =
    readUser(authority.slice(0, Math.max(at, 0)), parts) ??
    readHost(authority.slice(at + 1), parts) ??
    readName(path, parts) ??
    readParameters(query, parts, unused);
  return trouble === null ? { parts, unused } : { trouble };
}

const ENCODE = "In user and password write @ as %40, / as %2F, ? as %3F, # as %23 and % as %25";

function readUser(userinfo: string, parts: DatabaseUrlParts): string | null {
  const colon = userinfo.indexOf(":");
  const user = decode(colon === -1 ? userinfo : userinfo.slice(0, colon));
  const password = decode(colon === -1 ? "" : userinfo.slice(colon + 1));
  if (user === null || password === null)
    return `has a % in user or password that encodes nothing. ${ENCODE}`;
  if (user !== "") parts.user = user;
  if (password !== "") parts.password = password;
  return null;
}

function readHost(text: string, parts: DatabaseUrlParts): string | null {
  if (text === "") return null;
  if (text.includes(",")) return "names several hosts; name one";
  const [, encoded, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{0,5}))?$/.exec(text) ?? [];
  const host = decode(encoded ?? "%");
  if (host === null) return `has no readable host and port. ${ENCODE}`;
  if (host.startsWith("/")) return SOCKET;
  if (host === "") return "has a port and no host";
  parts.host = host;
  // an address without a port means 5432, whatever a lower source says about another server
  parts.port = port || "5432";
  return null;
}

const SOCKET = "names a Unix socket, which is not supported; name a host";

function readName(path: string, parts: DatabaseUrlParts): string | null {
  const name = decode(path);
  if (name === null) return "has a % in the database name that encodes nothing; write % as %25";
  if (path.includes("/")) return "has a / in the database name; write it as %2F";
  if (name !== "") parts.name = name;
  return null;
}

function readParameters(query: string, parts: DatabaseUrlParts, unused: string[]): string | null {
  const seen = new Set<string>();
  for (const pair of query.split("&").filter((text) => text !== "")) {
    const equals = pair.indexOf("=");
    const key = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = decode(equals === -1 ? "" : pair.slice(equals + 1));
    if (key === null || value === null) return "has a % in a parameter that encodes nothing; write % as %25";
    if (seen.has(key)) return `gives the parameter ${shownKey(key)} twice`;
    seen.add(key);
    const trouble = readParameter(key, value, parts, unused);
    if (trouble !== null) return trouble;
  }
  return null;
}

const PART_OF: ReadonlyMap<string, keyof DatabaseUrlParts> = new Map([
  ["sslmode", "sslmode"],
  ["sslrootcert", "sslRootCert"],
  ["sslcert", "sslCert"],
  ["sslkey", "sslKey"],
  ["sslpassword", "sslPassword"],
]);

function readParameter(key: string, value: string, parts: DatabaseUrlParts, unused: string[]): string | null {
  const part = PART_OF.get(key);
  if (part !== undefined) {
    parts[part] = value;
    return null;
  }
  switch (key) {
    case "application_name":
    case "connect_timeout":
      unused.push(key);
      return null;
    case "host":
      return value.startsWith("/") ? SOCKET : "names the host as a parameter; write it behind the //";
    default:
      return `has the parameter ${shownKey(key)}, which clusterflow does not know; it knows ${[...PART_OF.keys()].join(", ")}`;
  }
}

/** Somebody's password may have ended up where a parameter's name is read. */
function shownKey(key: string): string {
  return /^[a-z_-]{1,40}$/i.test(key) ? key : "(not shown)";
}

/** Null when a `%` is not followed by two hexadecimal digits, or when the bytes are no UTF-8. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
