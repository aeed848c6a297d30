/** How a Kafka cluster is reached. */
export interface KafkaSettings {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Left out, everything goes in plain text and nobody logs in. */
  readonly security?: KafkaSecurity;
}

export const KAFKA_PROTOCOLS = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] as const;
export type KafkaProtocol = (typeof KAFKA_PROTOCOLS)[number];

export const SASL_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** How the brokers prove who they are, and we who we are. */
export interface KafkaSecurity {
  readonly tls: KafkaTls | null;
  readonly sasl: KafkaSasl | null;
  /** A password or a token may cross the network as it is. */
  readonly mayExposePassword: boolean;
}

/** The brokers' certificates and names are always checked. Paths are absolute, files hold PEM. */
export interface KafkaTls {
  /** Null trusts the authorities that Node knows. */
  readonly caFile: string | null;
  readonly client: ClientCertificate | null;
}

/** What a server gets to see when it asks who we are. */
export interface ClientCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly keyPassword: string | null;
}

export type KafkaSasl = PasswordSasl | TokenSasl;

export interface PasswordSasl {
  readonly mechanism: Exclude<SaslMechanism, "OAUTHBEARER">;
  readonly username: string;
  readonly password: string;
}

export interface TokenSasl {
  readonly mechanism: "OAUTHBEARER";
  readonly tokens: TokenEndpoint | { readonly kind: "file"; readonly path: string };
}

/** Where client credentials are exchanged for a token (RFC 6749, section 4.4). */
export interface TokenEndpoint {
  readonly kind: "endpoint";
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | null;
  /** Null trusts the authorities that Node knows. */
  readonly caFile: string | null;
}

export const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** How a PostgreSQL database is reached; libpq's meaning of every word. */
export interface DatabaseSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly sslmode: SslMode;
  /** File of CA certificates in PEM form; null uses the system's. */
  readonly sslRootCert: string | null;
  /** Shown to a server that asks for it. */
  readonly sslClient?: ClientCertificate;
  /** False for a pooler that gives each statement another session; left out, statements are prepared once. */
  readonly prepared?: boolean;
}

/** How a Kubernetes API server is reached, and what is read there. Nulls fall back as `kubectl` does. */
export interface KubernetesSettings {
  /** Paths of kubeconfig files, merged in order; empty means `~/.kube/config`, or the service account inside a pod. */
  readonly kubeconfig: readonly string[];
  readonly context: string | null;
  /** `https://host:port`; given, no kubeconfig is read. */
  readonly server: string | null;
  readonly token: string | null;
  readonly caFile: string | null;
  readonly insecureSkipTlsVerify: boolean;
  /** Overrides the kube-system namespace's uid. */
  readonly clusterId: string | null;
  readonly clusterName: string | null;
  /** Objects asked for in one page. */
  readonly pageSize: number;
}

/** What becomes of records that cannot be stored. */
export interface DeadLetterSettings {
  /** So many in a row may go to the dead letters; 0 sets no limit. */
  readonly maxInARow: number;
  /** Where they are brought besides their table; null brings them nowhere. */
  readonly topic: string | null;
}

/** Where this process answers questions about itself. */
export interface HttpAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** What signs the gateway's tokens; PEM where it says so. */
export type TokenKeys =
  /** The first one signs, all of them are believed. */
  | { readonly algorithm: "HS256"; readonly secrets: readonly string[] }
  /** Without a private key tokens come from elsewhere. */
  | {
      readonly algorithm: "RS256";
      readonly privateKey: string | null;
      readonly publicKeys: readonly string[];
    };

/** Where events wait for Kafka. */
export interface SpoolSettings {
  readonly dir: string;
  readonly maxBytes: number;
}

/** When to collect, and how long to wait for a server that is away. */
export interface CollectSchedule {
  /** Milliseconds between the beginnings of two snapshots; null collects once. */
  readonly intervalMs: number | null;
  /** With `intervalMs` null: milliseconds without progress after which an outage ends the run with exit 3. */
  readonly giveUpAfterMs: number;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export const LOG_FORMATS = ["text", "json"] as const;

/** How much is told on stderr, and in which form. */
export interface LogSettings {
  readonly level: (typeof LOG_LEVELS)[number];
  readonly format: (typeof LOG_FORMATS)[number];
}
