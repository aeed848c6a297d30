import type { SslMode } from "../parts.ts";

export const SETUP_MODES = ["legacy", "hybrid-kafka", "e2e"] as const;
export type SetupMode = (typeof SETUP_MODES)[number];

/** Texts as they will stand in a file; each has passed its parser. */
export interface KafkaAnswers {
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
  /** TLS and SASL; left out when there is none. */
  readonly security?: readonly SecurityLine[];
}

export interface SecurityLine {
  readonly name: string;
  readonly value: string;
  /** Key of the flag that says the same; null for a secret, which has none. */
  readonly flag: string | null;
}

/** `file`: the file keeps the secret and ours only names it, by its absolute path. */
export type Password =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "none" };

export interface DatabaseAnswers {
  readonly host: string;
  readonly port: string;
  readonly name: string;
  readonly user: string;
  readonly password: Password;
  /** The password is the default one: the same command finds it again without being told. */
  readonly isDefaultPassword: boolean;
  readonly sslmode: SslMode;
}

/** How the collector finds its cluster, and how often it looks. Nulls stand in no file: `kubectl`'s ways, once. */
export interface CollectorAnswers {
  readonly kubeconfig: string | null;
  readonly context: string | null;
  readonly server: string | null;
  readonly interval: string | null;
}

export type Answers =
  | { readonly mode: "legacy"; readonly collector: CollectorAnswers; readonly database: DatabaseAnswers }
  | {
      readonly mode: "hybrid-kafka" | "e2e";
      readonly collector: CollectorAnswers;
      readonly kafka: KafkaAnswers;
      readonly database: DatabaseAnswers;
      /** e2e only: `synthetic:N`, a generated cluster; null reads the one that `collector` names. */
      readonly cluster: string | null;
    };

/** What a running local stack says about itself. */
export interface LocalAnswers {
  readonly brokers: readonly string[];
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
  };
  /** Of the simulated API server; null when there is none. */
  readonly clusterUrl: string | null;
}
