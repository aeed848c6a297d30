import { setTimeout as delay } from "node:timers/promises";
import { makeEphemeralFolder } from "../../src/local/folders.ts";
import { isRunning } from "../../src/machine/process-identity.ts";
import { defaultStackOptions } from "../../src/local/stack-options.ts";
import { startStack } from "../../src/local/start-stack.ts";
import { readState, type ServerRecord } from "../../src/local/state.ts";
import { stopStack } from "../../src/local/stop-stack.ts";
import type { Servers } from "./world.ts";

/** Servers that a run has for itself, since it stops them. */
export interface OwnServers extends Servers, AsyncDisposable {
  readonly dataDir: string;
  signal(kind: "kafka" | "postgres", signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  stop(kind: "kafka" | "postgres", signal: NodeJS.Signals): Promise<void>;
  /** Starts what does not run, on the same ports with the same data; resolves when it answers. */
  start(): Promise<void>;
}

export async function openOwnServers(): Promise<OwnServers> {
  // a name that a later run knows, which stops what a killed one left behind
  const dataDir = await makeEphemeralFolder(`clusterflow-stack-${process.pid}-own-`);
  const options = { ...defaultStackOptions(process.env), dataDir, ephemeral: true, durable: false };
  const { brokers, database } = await startStack(options, () => undefined);
  const { host, port, superuserPassword: password } = database;
  const recordOf = (kind: "kafka" | "postgres"): ServerRecord => {
    const record = readState(dataDir)?.servers.find((server) => server.kind === kind);
    if (record === undefined || !isRunning(record)) throw new Error(`no ${kind} runs`);
    return record;
  };
  return {
    ...{ brokers, dataDir },
    superuser: {
      ...{ host, port, database: "postgres", user: "postgres", password },
      ...{ sslmode: "disable", sslRootCert: null },
    },
    signal: (kind, signal) => void process.kill(recordOf(kind).pid, signal),
    async stop(kind, signal) {
      const record = recordOf(kind);
      process.kill(record.pid, signal);
      while (isRunning(record)) await delay(50);
    },
    async start() {
      await startStack(options, () => undefined);
    },
    async [Symbol.asyncDispose]() {
      await stopStack(dataDir);
    },
  };
}
