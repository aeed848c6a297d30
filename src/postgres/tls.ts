import { readFileSync } from "node:fs";
import { createSecureContext, type ConnectionOptions, type SecureContext } from "node:tls";
import { ClusterflowError } from "../core/errors.ts";
import { assertNever } from "../core/never.ts";
import { holdsCertificate } from "../core/pem.ts";
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
      return { rejectUnauthorized: false, ...certificates(settings) };
    case "require":
      // with a root certificate at hand libpq treats `require` as `verify-ca`
      return settings.sslRootCert === null
        ? { rejectUnauthorized: false, ...certificates(settings) }
        : verifyCa(settings);
    case "verify-ca":
      return verifyCa(settings);
    case "verify-full":
      return { rejectUnauthorized: true, ...certificates(settings) };
    default:
      return assertNever(settings.sslmode);
  }
}

function verifyCa(settings: DatabaseSettings): ConnectionOptions {
  return { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...certificates(settings) };
}

/** As they lie in their files now; read for every connection, so that renewed ones are found. */
function certificates(settings: DatabaseSettings): { readonly secureContext: SecureContext } {
  const { sslRootCert, sslClient } = settings;
  const ca = sslRootCert === null ? {} : { ca: readAuthorities(sslRootCert, "sslrootcert") };
  const own =
    sslClient === undefined
      ? {}
      : {
          cert: read(sslClient.certFile, "sslcert"),
          key: read(sslClient.keyFile, "sslkey"),
          ...(sslClient.keyPassword === null ? {} : { passphrase: sslClient.keyPassword }),
        };
  try {
    return { secureContext: createSecureContext({ ...ca, ...own, minVersion: "TLSv1.2" }) };
  } catch (error) {
    // OpenSSL's own words name neither file nor reason: "bad decrypt", "no start line"
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new ClusterflowError(`the certificates for PostgreSQL cannot be used${code}`, {
      code: "usage",
      hint: "check that the files are PEM and belong together: sslrootcert, sslcert, sslkey and sslpassword",
    });
  }
}

function readAuthorities(file: string, name: string): Buffer {
  const bytes = read(file, name);
  if (holdsCertificate(bytes)) return bytes;
  throw new ClusterflowError(`${name}: ${file} holds no certificate in PEM`, {
    code: "usage",
    hint: `check ${name}`,
  });
}

function read(file: string, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ClusterflowError(`${name}: ${file} cannot be read`, {
      code: "usage",
      hint: `check ${name}`,
      cause: error,
    });
  }
}
