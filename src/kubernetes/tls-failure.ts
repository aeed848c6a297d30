import type { PeerCertificate } from "node:tls";
import { ClusterflowError } from "../core/errors.ts";
import type { Connection } from "./connection.ts";

interface TlsTrouble {
  readonly sentence: string;
  readonly hint: string;
}

const UNKNOWN_CA: TlsTrouble = {
  sentence: "its certificate is signed by an authority that is not trusted here",
  hint: "give the cluster's CA: certificate-authority in the kubeconfig, or --kube-ca-file",
};
const EXPIRED: TlsTrouble = {
  sentence: "its certificate has expired",
  hint: "have the server's certificate renewed, and compare the clocks of both sides",
};
const CLIENT_REFUSED: TlsTrouble = {
  sentence: "the server refused the client certificate",
  hint: "renew client-certificate and client-key in the kubeconfig",
};

/** Node's and OpenSSL's codes of handshakes that fail the same way however often they are tried. */
const TROUBLES: Readonly<Record<string, TlsTrouble>> = {
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
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: {
    sentence: "its certificate is not valid yet",
    hint: "compare the clocks of both sides",
  },
  CERT_REVOKED: { sentence: "its certificate was revoked", hint: "have the server's certificate renewed" },
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: CLIENT_REFUSED,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: CLIENT_REFUSED,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: {
    sentence: "the server refused the TLS handshake, perhaps for want of a client certificate",
    hint: "check client-certificate and client-key in the kubeconfig",
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    sentence: "it does not speak TLS",
    hint: "check the port, or write its address with http://",
  },
};

/** The error for a TLS handshake that failed for good; null for every other error. */
export function tlsFailure(error: unknown, connection: Connection): ClusterflowError | null {
  const code = codeOf(error);
  const trouble = code === "ERR_TLS_CERT_ALTNAME_INVALID" ? wrongName(error, connection) : TROUBLES[code];
  if (trouble === undefined) return null;
  return new ClusterflowError(
    `no TLS with the Kubernetes API server ${connection.server.host}: ${trouble.sentence}`,
    {
      code: "unreachable",
      hint: trouble.hint,
      vendorCode: code,
      cause: error,
    },
  );
}

/** Node codes errors by their place: the same alert comes as `ERR_SSL_…` from a read and as `EPROTO` from a write. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error && "code" in error)) return "";
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(error.message) ?? [];
  if (error.code !== "EPROTO" || reason === undefined) return String(error.code);
  return `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`;
}

function wrongName(error: unknown, connection: Connection): TlsTrouble {
  const expected = connection.serverName ?? connection.server.hostname;
  return {
    sentence: `its certificate is for ${namesOf(error)}, not for ${expected}`,
    hint: "use a name that the certificate bears, or set tls-server-name in the kubeconfig's cluster",
  };
}

function namesOf(error: unknown): string {
  const hasCertificate = error instanceof Error && "cert" in error;
  const names = hasCertificate ? (error.cert as Partial<PeerCertificate>).subjectaltname : undefined;
  return names ?? "another name";
}
