/** What a TLS handshake fails of for good: the same way however often it is tried. */
export type TlsFault =
  | "unknown-ca"
  | "expired"
  | "not-yet-valid"
  | "revoked"
  | "wrong-name"
  | "client-refused"
  /** The other side said no without saying why; mostly for want of a client certificate. */
  | "handshake-refused"
  | "no-tls";

/** By Node's and OpenSSL's codes. */
const FAULTS: ReadonlyMap<string, TlsFault> = new Map([
  ["SELF_SIGNED_CERT_IN_CHAIN", "unknown-ca"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "unknown-ca"],
  ["UNABLE_TO_GET_ISSUER_CERT", "unknown-ca"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unknown-ca"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unknown-ca"],
  ["CERT_SIGNATURE_FAILURE", "unknown-ca"],
  ["CERT_UNTRUSTED", "unknown-ca"],
  ["CERT_REJECTED", "unknown-ca"],
  ["INVALID_CA", "unknown-ca"],
  ["INVALID_PURPOSE", "unknown-ca"],
  ["CERT_HAS_EXPIRED", "expired"],
  ["CERT_NOT_YET_VALID", "not-yet-valid"],
  ["CERT_REVOKED", "revoked"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "wrong-name"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "client-refused"],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "client-refused"],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "client-refused"],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", "client-refused"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "client-refused"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "handshake-refused"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "no-tls"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "no-tls"],
]);

/** Null for every error that is none of these, or that may pass. */
export function tlsFaultOf(error: unknown): TlsFault | null {
  return FAULTS.get(tlsCodeOf(error)) ?? null;
}

/** Node codes errors by their place: the same alert comes as `ERR_SSL_…` from a read and as `EPROTO` from a write. */
export function tlsCodeOf(error: unknown): string {
  if (!(error instanceof Error && "code" in error)) return "";
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(error.message) ?? [];
  if (error.code !== "EPROTO" || reason === undefined) return String(error.code);
  return `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`;
}
