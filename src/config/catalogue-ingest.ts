import type { Setting } from "./catalogue.ts";

/** Settings of the gateway alone; PORT and JWT_SECRET are spelled as the system before it spelled them. */
export const INGEST_SETTINGS = {
  port: { group: "ingest", names: ["PORT"], flag: "port", fallback: "8080" },
  host: { group: "ingest", names: ["CLUSTERFLOW_HOST"], flag: "host", fallback: "127.0.0.1" },
  jwtSecret: { group: "ingest", names: ["JWT_SECRET"], flag: "jwtSecret", secret: true },
  // believed and never signed with, so that a secret or a key can be replaced
  jwtSecretPrevious: {
    group: "ingest",
    names: ["JWT_SECRET_PREVIOUS"],
    flag: "jwtSecretPrevious",
    secret: true,
  },
  jwtPublicKeyPrevious: {
    group: "ingest",
    names: ["JWT_PUBLIC_KEY_PREVIOUS_LOCATION"],
    flag: "jwtPublicKeyPreviousLocation",
  },
  // paths and not secrets' `_FILE`: keys in PEM are files everywhere
  jwtPrivateKey: { group: "ingest", names: ["JWT_PRIVATE_KEY_LOCATION"], flag: "jwtPrivateKeyLocation" },
  jwtPublicKey: { group: "ingest", names: ["JWT_PUBLIC_KEY_LOCATION"], flag: "jwtPublicKeyLocation" },
  jwtIssuer: { group: "ingest", names: ["JWT_ISSUER"], flag: "jwtIssuer", fallback: "clusterflow" },
  jwtAudience: { group: "ingest", names: ["JWT_AUDIENCE"], flag: "jwtAudience", fallback: "clusterflow" },
  signup: { group: "ingest", names: ["CLUSTERFLOW_SIGNUP"], flag: "signup", fallback: "closed" },
  failover: { group: "ingest", names: ["CLUSTERFLOW_FAILOVER"], flag: "failover", fallback: "spool" },
  spoolDir: {
    group: "ingest",
    names: ["CLUSTERFLOW_SPOOL_DIR"],
    flag: "spoolDir",
    fallback: "~/.local/state/clusterflow/spool",
  },
  spoolLimit: { group: "ingest", names: ["CLUSTERFLOW_SPOOL_LIMIT"], flag: "spoolLimit", fallback: "1GiB" },
} as const satisfies Record<string, Setting>;
