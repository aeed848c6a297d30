import type { Environment } from "../config/env.ts";
import { ClusterflowError } from "../core/errors.ts";
import { defaultFolders } from "./folders.ts";
import type { ClusterSpec } from "./state.ts";

export interface StackOptions {
  /** Made when it does not exist. */
  readonly dataDir: string;
  readonly cacheDir: string;
  /** Whether `stop` deletes the data too. */
  readonly ephemeral: boolean;
  /** Null takes as many as the stack has, one for a new stack. */
  readonly brokers: 1 | 3 | null;
  /** The simulated Kubernetes API server; null takes the one that the stack had, `none` takes it out of the stack. */
  readonly cluster: ClusterSpec | "none" | null;
  /** Ports that have to be these; null takes the usual one when it is free and another one otherwise. */
  readonly ports: {
    readonly postgres: number | null;
    readonly kafka: number | null;
    readonly cluster: number | null;
  };
  /** False gives up fsync and allows consumer sessions of one second: for tests. True when left out. */
  readonly durable?: boolean;
  /** Where Java and Maven are looked for: PATH, JAVA_HOME, and what Maven itself reads. */
  readonly environment: Environment;
  /** Ends a start that is under way; what it had started is ended too. */
  readonly signal?: AbortSignal;
}

/** The usual folders and ports; as many brokers, and the cluster, that the stack has. */
export function defaultStackOptions(environment: Environment): StackOptions {
  return {
    ...defaultFolders(environment, process.getuid?.() ?? -1),
    ephemeral: false,
    brokers: null,
    cluster: null,
    ports: { postgres: null, kafka: null, cluster: null },
    environment,
  };
}

/** Reads `synthetic:N`, `synthetic:N:SEED` or `none`; N is a number of objects. */
export function parseClusterSpec(text: string): ClusterSpec | "none" {
  if (text === "none") return text;
  const [, objects, seed] = /^synthetic:(\d+)(?::(\d+))?$/.exec(text) ?? [];
  const spec = { objects: Number(objects ?? 0), seed: Number(seed ?? 1) };
  if (spec.objects >= 1 && Number.isSafeInteger(spec.objects) && Number.isSafeInteger(spec.seed)) return spec;
  throw new ClusterflowError(
    `--cluster takes synthetic:OBJECTS, synthetic:OBJECTS:SEED or none, not "${text}".`,
    {
      code: "usage",
      hint: "clusterflow local start --cluster synthetic:500",
    },
  );
}

/** Reads `--brokers`. */
export function parseBrokers(text: string): 1 | 3 {
  if (text === "1") return 1;
  if (text === "3") return 3;
  throw new ClusterflowError(`--brokers takes 1 or 3, not "${text}".`, {
    code: "usage",
    hint: "clusterflow local start --brokers 3",
  });
}
