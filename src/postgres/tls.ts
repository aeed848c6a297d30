import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { ClusterflowError } from "../core/errors.ts";
import { assertNever } from "../core/never.ts";
import type { DatabaseSettings } from "../config/parts.ts";

/**
 * libpq's seven words for TLS (PostgreSQL documentation, "SSL Support", table of sslmode) as what
 * `node:tls` takes; false is a connection without it.
 */
export function tlsOptions(settings: DatabaseSettings): false | ConnectionOptions {
  switch (settings.sslmode) {
    case "disable":
    case "allow": // plain first; a server that insists on TLS says so in its answer
      return false;
    case "prefer":
      return { rejectUnauthorized: false };
    case "require":
      // with a root certificate at hand libpq treats `require` as `verify-ca`
      return settings.sslRootCert === null ? { rejectUnauthorized: false } : verifyCa(settings);
    case "verify-ca":
      return verifyCa(settings);
    case "verify-full":
      return { rejectUnauthorized: true, ...rootCert(settings) };
    default:
      return assertNever(settings.sslmode);
  }
}

function verifyCa(settings: DatabaseSettings): ConnectionOptions {
  return { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...rootCert(settings) };
}

function rootCert(settings: DatabaseSettings): ConnectionOptions {
  if (settings.sslRootCert === null) return {};
  try {
    return { ca: readFileSync(settings.sslRootCert) };
  } catch (error) {
    throw new ClusterflowError(`the CA certificates cannot be read from ${settings.sslRootCert}`, {
      code: "usage",
      hint: "check sslrootcert",
      cause: error,
    });
  }
}
