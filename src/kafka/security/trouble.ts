/** Why a connection failed for good, and what to change. */
export interface Trouble {
  readonly says: string;
  readonly hint: string;
}

/** Codes of our own for what neither side says in words. */
export const SPEAKS_TLS = "CLUSTERFLOW_SPEAKS_TLS";
export const SPEAKS_PLAIN = "CLUSTERFLOW_SPEAKS_PLAIN";
export const WOULD_EXPOSE = "CLUSTERFLOW_WOULD_EXPOSE";

const UNKNOWN_CA: Trouble = {
  says: "its certificate is signed by an authority that is not trusted here",
  hint: "set KAFKA_SSL_CA_LOCATION to the file of the CA that signed the brokers' certificates",
};
const NO_TLS: Trouble = {
  says: "it does not speak TLS on this port",
  hint: "check the port in KAFKA_BROKERS; without TLS it is KAFKA_SECURITY_PROTOCOL=PLAINTEXT or SASL_PLAINTEXT",
};
const CLIENT_REFUSED: Trouble = {
  says: "it did not accept our client certificate, or wants one and got none",
  hint: "check KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION: the brokers must trust who signed it",
};

/** Node's, OpenSSL's and our own codes of connections that fail the same way however often they are tried. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  CERT_SIGNATURE_FAILURE: UNKNOWN_CA,
  CERT_UNTRUSTED: UNKNOWN_CA,
  CERT_REJECTED: UNKNOWN_CA,
  INVALID_CA: UNKNOWN_CA,
  INVALID_PURPOSE: UNKNOWN_CA,
  CERT_HAS_EXPIRED: {
    says: "its certificate has expired",
    hint: "have the broker's certificate renewed, and compare the clocks of both sides",
  },
  CERT_NOT_YET_VALID: {
    says: "its certificate is not valid yet",
    hint: "compare the clocks of both sides",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    says: "its certificate is for another host",
    hint: "name the brokers in KAFKA_BROKERS and in their advertised.listeners as their certificates do",
  },
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: CLIENT_REFUSED,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: CLIENT_REFUSED,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  [SPEAKS_PLAIN]: NO_TLS,
  [SPEAKS_TLS]: {
    says: "it speaks TLS on this port, and we do not",
    hint: "set KAFKA_SECURITY_PROTOCOL=SSL, or SASL_SSL for a login too",
  },
  [WOULD_EXPOSE]: {
    says: "the cluster sends us there, and the password or token would go there in plain text",
    hint: "set KAFKA_SECURITY_PROTOCOL=SASL_SSL; --insecure-send-password-in-plain-text permits it all the same",
  },
};

/** What it means that a connection failed so; null for everything that may pass. */
export function troubleOf(error: unknown): Trouble | null {
  const code = codeOf(error);
  const trouble = Object.hasOwn(TROUBLES, code) ? TROUBLES[code] : undefined;
  if (trouble === undefined) return null;
  const names = code === "ERR_TLS_CERT_ALTNAME_INVALID" ? namesIn(error) : "";
  return { ...trouble, says: `${trouble.says}${names}` };
}

/** Node's sentence ends in what was looked for and what the certificate has. */
function namesIn(error: unknown): string {
  const [, names] = /altnames: (.*?)\.?$/s.exec(error instanceof Error ? error.message : "") ?? [];
  return names === undefined ? "" : `: ${names}`;
}

/** Node codes errors by their place: the same alert comes as `ERR_SSL_…` from a read and as `EPROTO` from a write. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error && "code" in error)) return "";
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(error.message) ?? [];
  if (error.code !== "EPROTO" || reason === undefined) return String(error.code);
  return `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`;
}
