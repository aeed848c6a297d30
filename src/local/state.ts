import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ClusterflowError } from "../core/errors.ts";
import { accessFailure } from "./failures.ts";
import { LAYOUT } from "./folders.ts";

const clusterSpec = z.object({ objects: z.int().positive(), seed: z.int().nonnegative() }).readonly();

const server = z
  .object({
    name: z.string(),
    kind: z.enum(["postgres", "kafka", "cluster"]),
    pid: z.int().positive(),
    /** Distinguishes this process from a later one with the same pid; `processIdentity`. */
    identity: z.string(),
    port: z.int(),
    version: z.string(),
    log: z.string(),
    startedAt: z.iso.datetime(),
    /** Milliseconds from its start to its first answer; null as long as it has given none. */
    readyAfterMs: z.number().nullable(),
  })
  .readonly();

const stateFile = z
  .object({
    format: z.literal(1),
    ephemeral: z.boolean(),
    cacheDir: z.string(),
    /** False when PostgreSQL runs without fsync: for tests, whose data nobody wants back. */
    durable: z.boolean(),
    kafkaClusterId: z.string(),
    superuserPassword: z.string(),
    ports: z
      .object({
        postgres: z.int(),
        kafka: z.array(z.int()).readonly(),
        controllers: z.array(z.int()).readonly(),
        cluster: z.int().nullable(),
      })
      .readonly(),
    cluster: clusterSpec.nullable(),
    servers: z.array(server).readonly(),
  })
  .readonly();

export type ServerRecord = z.infer<typeof server>;
export type ServerKind = ServerRecord["kind"];
export type ClusterSpec = z.infer<typeof clusterSpec>;
export type StateFile = z.infer<typeof stateFile>;

/** Everything listens here and nowhere else: the credentials below are known to the whole world. */
export const HOST = "127.0.0.1";

/** The credentials that every example uses; no secret, hence only on this machine's own address. */
export const DEVELOPMENT = { database: "clusterinfo", user: "clusterinfo", password: "devpassword" } as const;

/** A local stack as others see it: how its servers are reached and which processes were started for it. */
export interface StackState {
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly ephemeral: boolean;
  readonly durable: boolean;
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  readonly kafkaClusterId: string;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
    /** Of the role `postgres`. */
    readonly superuserPassword: string;
  };
  /** `http://host:port` of the simulated Kubernetes API server; null when there is none. */
  readonly clusterUrl: string | null;
  readonly cluster: ClusterSpec | null;
  readonly servers: readonly ServerRecord[];
}

/** The stack whose data lies in a folder, null when there never was one; throws when its file cannot be understood. */
export function readState(dataDir: string): StackState | null {
  const file = readStateFile(dataDir);
  return file === null ? null : stackState(dataDir, file);
}

export function readStateFile(dataDir: string): StateFile | null {
  const path = join(dataDir, LAYOUT.state);
  const text = readIfThere(path);
  if (text === null) return null;
  try {
    return stateFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new ClusterflowError(`${path} is not a state file that this version of clusterflow understands.`, {
      code: "usage",
      hint: `Use another folder (--data-dir), or end this stack's servers by hand and delete ${dataDir}.`,
      cause,
    });
  }
}

/** Replaces the file in one step: whoever reads meanwhile, or finds it after a crash, sees the old one or the new one. */
export function writeStateFile(dataDir: string, file: StateFile): void {
  const path = join(dataDir, LAYOUT.state);
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

export function stackState(dataDir: string, file: StateFile): StackState {
  const { ports } = file;
  return {
    dataDir,
    cacheDir: file.cacheDir,
    ephemeral: file.ephemeral,
    durable: file.durable,
    brokers: ports.kafka.map((port) => `${HOST}:${port}`),
    kafkaClusterId: file.kafkaClusterId,
    database: { host: HOST, port: ports.postgres, ...DEVELOPMENT, superuserPassword: file.superuserPassword },
    clusterUrl: file.cluster === null || ports.cluster === null ? null : `http://${HOST}:${ports.cluster}`,
    cluster: file.cluster,
    servers: file.servers,
  };
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw accessFailure(path, cause);
  }
}
