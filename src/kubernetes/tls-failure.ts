import type { PeerCertificate } from "node:tls";
import { ClusterflowError } from "../core/errors.ts";
import { tlsCodeOf, tlsFaultOf, type TlsFault } from "../core/tls-fault.ts";
import type { Connection } from "./connection.ts";

interface TlsTrouble {
  readonly sentence: string;
  readonly hint: string;
}

const TROUBLES: Readonly<Record<Exclude<TlsFault, "wrong-name">, TlsTrouble>> = {
  "unknown-ca": {
    sentence: "its certificate is signed by an authority that is not trusted here",
    hint: "give the cluster's CA: certificate-authority in the kubeconfig, or --kube-ca-file",
  },
  expired: {
    sentence: "its certificate has expired",
    hint: "have the server's certificate renewed, and compare the clocks of both sides",
  },
  "not-yet-valid": {
    sentence: "its certificate is not valid yet",
    hint: "compare the clocks of both sides",
  },
  revoked: { sentence: "its certificate was revoked", hint: "have the server's certificate renewed" },
  "client-refused": {
    sentence: "the server refused the client certificate",
    hint: "renew client-certificate and client-key in the kubeconfig",
  },
  "handshake-refused": {
    sentence: "the server refused the TLS handshake, perhaps for want of a client certificate",
    hint: "check client-certificate and client-key in the kubeconfig",
  },
  "no-tls": {
    sentence: "it does not speak TLS",
    hint: "check the port, or write its address with http://",
  },
};

/** The error for a TLS handshake that failed for good; null for every other error. */
export function tlsFailure(error: unknown, connection: Connection): ClusterflowError | null {
  const fault = tlsFaultOf(error);
  if (fault === null) return null;
  const trouble = fault === "wrong-name" ? wrongName(error, connection) : TROUBLES[fault];
  return new ClusterflowError(
    `no TLS with the Kubernetes API server ${connection.server.host}: ${trouble.sentence}`,
    {
      code: "unreachable",
      hint: trouble.hint,
      vendorCode: tlsCodeOf(error),
      cause: error,
    },
  );
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
