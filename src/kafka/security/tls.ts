import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import type { KafkaTls } from "../../config/parts.ts";
import { ClusterflowError } from "../../core/errors.ts";
import { holdsCertificate } from "../../core/pem.ts";

/** Certificates and key as they lie in their files now; read for every client, so that a renewed one is found. */
export function secureContext({ caFile, client }: KafkaTls): SecureContext {
  const ca = caFile === null ? {} : { ca: readAuthorities(caFile, "KAFKA_SSL_CA_LOCATION") };
  if (client === null) return contextOf(ca, "KAFKA_SSL_CA_LOCATION");
  const { certFile, keyFile, keyPassword } = client;
  const cert = read(certFile, "KAFKA_SSL_CERTIFICATE_LOCATION");
  const key = read(keyFile, "KAFKA_SSL_KEY_LOCATION");
  const password = keyPassword === null ? {} : { passphrase: keyPassword };
  const names = "KAFKA_SSL_CERTIFICATE_LOCATION, KAFKA_SSL_KEY_LOCATION and KAFKA_SSL_KEY_PASSWORD";
  return contextOf({ ...ca, cert, key, ...password }, names);
}

function readAuthorities(file: string, name: string): Buffer {
  const bytes = read(file, name);
  if (holdsCertificate(bytes)) return bytes;
  throw new ClusterflowError(`${file} holds no certificate in PEM`, { code: "usage", hint: `check ${name}` });
}

function read(file: string, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ClusterflowError(`${file} cannot be read`, { code: "usage", hint: `check ${name}`, cause });
  }
}

function contextOf(options: Parameters<typeof createSecureContext>[0], names: string): SecureContext {
  try {
    return createSecureContext({ ...options, minVersion: "TLSv1.2" });
  } catch (cause) {
    // OpenSSL's own words name neither file nor reason: "bad decrypt", "no start line"
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new ClusterflowError(`the certificates for Kafka cannot be used${code}`, {
      code: "usage",
      hint: `check that the files are PEM and belong together: ${names}`,
    });
  }
}
