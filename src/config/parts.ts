/** How a Kafka cluster is reached. */
export interface KafkaSettings {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly topic: string;
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

/** Where this process answers questions about itself. */
export interface HttpAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
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
