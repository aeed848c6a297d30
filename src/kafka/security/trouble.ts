import { tlsCodeOf, tlsFaultOf, type TlsFault } from "../../core/tls-fault.ts";

/** Why a connection failed for good, and what to change. */
export interface Trouble {
  readonly says: string;
  readonly hint: string;
}

/** Codes of our own for what neither side says in words. */
export const SPEAKS_TLS = "CLUSTERFLOW_SPEAKS_TLS";
export const SPEAKS_PLAIN = "CLUSTERFLOW_SPEAKS_PLAIN";
export const WOULD_EXPOSE = "CLUSTERFLOW_WOULD_EXPOSE";

const NO_TLS: Trouble = {
  says: "it does not speak TLS on this port",
  hint: "check the port in KAFKA_BROKERS; without TLS it is KAFKA_SECURITY_PROTOCOL=PLAINTEXT or SASL_PLAINTEXT",
};
const CLIENT_REFUSED: Trouble = {
  says: "it did not accept our client certificate, or wants one and got none",
  hint: "check KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION: the brokers must trust who signed it",
};

const TLS_TROUBLES: Readonly<Record<TlsFault, Trouble>> = {
  "unknown-ca": {
    says: "its certificate is signed by an authority that is not trusted here",
    hint: "set KAFKA_SSL_CA_LOCATION to the file of the CA that signed the brokers' certificates",
  },
  expired: {
    says: "its certificate has expired",
    hint: "have the broker's certificate renewed, and compare the clocks of both sides",
  },
  "not-yet-valid": { says: "its certificate is not valid yet", hint: "compare the clocks of both sides" },
  revoked: { says: "its certificate was revoked", hint: "have the broker's certificate renewed" },
  "wrong-name": {
    says: "its certificate is for another host",
    hint: "name the brokers in KAFKA_BROKERS and in their advertised.listeners as their certificates do",
  },
  "client-refused": CLIENT_REFUSED,
  "handshake-refused": CLIENT_REFUSED,
  "no-tls": NO_TLS,
};

const OWN_TROUBLES: ReadonlyMap<string, Trouble> = new Map([
  [SPEAKS_PLAIN, NO_TLS],
  [
    SPEAKS_TLS,
    {
      says: "it speaks TLS on this port, and we do not",
      hint: "set KAFKA_SECURITY_PROTOCOL=SSL, or SASL_SSL for a login too",
    },
  ],
  [
    WOULD_EXPOSE,
    {
      says: "the cluster sends us there, and the password or token would go there in plain text",
      hint: "set KAFKA_SECURITY_PROTOCOL=SASL_SSL; --insecure-send-password-in-plain-text permits it all the same",
    },
  ],
]);

/** What it means that a connection failed so; null for everything that may pass. */
export function troubleOf(error: unknown): Trouble | null {
  const fault = tlsFaultOf(error);
  if (fault === null) return OWN_TROUBLES.get(tlsCodeOf(error)) ?? null;
  const { says, hint } = TLS_TROUBLES[fault];
  return { says: fault === "wrong-name" ? `${says}${namesIn(error)}` : says, hint };
}

/** Node's sentence ends in what was looked for and what the certificate has. */
function namesIn(error: unknown): string {
  const [, names] = /altnames: (.*?)\.?$/s.exec(error instanceof Error ? error.message : "") ?? [];
  return names === undefined ? "" : `: ${names}`;
}
