import { isRunning } from "../machine/process-identity.ts";
import { whyNotReady } from "./server-probe.ts";
import type { StackServer } from "./stack-servers.ts";
import { serversOf, titleOf } from "./stack-servers.ts";
import type { StateFile } from "./state.ts";
import { HOST, readStateFile } from "./state.ts";

export interface ServerStatus {
  readonly name: string;
  /** `PostgreSQL`, `Kafka`, `Kubernetes API`. */
  readonly title: string;
  /** Whether its process runs and has just answered a real request. */
  readonly up: boolean;
  /** Why it is not up; null when it is. */
  readonly reason: string | null;
  /** `host:port`. */
  readonly address: string;
  readonly pid: number | null;
  readonly version: string | null;
  readonly startedAt: string | null;
  readonly log: string | null;
}

export interface StackStatus {
  readonly dataDir: string;
  readonly ephemeral: boolean;
  /** Whether all of its servers are. */
  readonly up: boolean;
  readonly servers: readonly ServerStatus[];
}

/** How a stack's servers are now; null when the folder holds no stack. */
export async function stackStatus(dataDir: string): Promise<StackStatus | null> {
  const file = readStateFile(dataDir);
  if (file === null) return null;
  const servers = await Promise.all(serversOf(file).map((server) => serverStatus(server, file)));
  return { dataDir, ephemeral: file.ephemeral, up: servers.every((server) => server.up), servers };
}

async function serverStatus(server: StackServer, file: StateFile): Promise<ServerStatus> {
  const record = file.servers.find((each) => each.name === server.name) ?? null;
  const reason = await whyDown(server, file);
  return {
    name: server.name,
    title: titleOf(server.kind),
    up: reason === null,
    reason,
    address: `${HOST}:${server.port}`,
    pid: record?.pid ?? null,
    version: record?.version ?? null,
    startedAt: record?.startedAt ?? null,
    log: record?.log ?? null,
  };
}

async function whyDown(server: StackServer, file: StateFile): Promise<string | null> {
  const record = file.servers.find((each) => each.name === server.name);
  if (record === undefined) return "stopped";
  if (!isRunning(record)) return `its process (pid ${record.pid}) is gone`;
  // One broker is enough here: a broker is not down because another one is.
  return whyNotReady(server, { kafkaClusterId: file.kafkaClusterId, brokers: 1 });
}
