import { appendFileSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { LAYOUT, makeEphemeralFolder } from "../../src/local/folders.ts";
import { processIdentity } from "../../src/machine/process-identity.ts";
import { defaultStackOptions, type StackOptions } from "../../src/local/stack-options.ts";
import { startStack } from "../../src/local/start-stack.ts";
import { stopStack } from "../../src/local/stop-stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** `host:port` of the one broker. */
    readonly brokers: string[];
    /** The server, its superuser and the database `postgres`. */
    readonly superuser: DatabaseSettings;
    /** The folder of both servers, gone at the end of the run. */
    readonly dataDir: string;
  }
}

/** Names its run's process, so that a later run can tell a stack in use from one that was left behind. */
const PREFIX = "clusterflow-stack-";

/** One real PostgreSQL and one real Kafka for all test files, in a folder that goes when they are done. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await stopLeftBehind();
  const dataDir = await makeEphemeralFolder(`${PREFIX}${process.pid}-`);
  const usual = defaultStackOptions(process.env);
  // A measurement without fsync would measure another database than people have.
  const durable = project.name === "bench";
  const options = { ...usual, dataDir, ephemeral: true, durable };
  if (durable) await keepCommitTimes(options);
  const { brokers, database } = await startStack(options, () => undefined);
  const { host, port, superuserPassword: password } = database;
  project.provide("dataDir", dataDir);
  project.provide("brokers", [...brokers]);
  project.provide("superuser", {
    ...{ host, port, database: "postgres", user: "postgres", password },
    ...{ sslmode: "disable", sslRootCert: null },
  });
  return () => end(dataDir);
}

/** With what tests and bench have put beside the servers' data. */
async function end(dataDir: string): Promise<void> {
  await stopStack(dataDir);
  await rm(dataDir, { recursive: true, force: true });
}

/** PostgreSQL's own clock of what became visible when, the same for all that are measured; read at its start only. */
async function keepCommitTimes(options: StackOptions): Promise<void> {
  const { dataDir } = await startStack({ ...options, ephemeral: false }, () => undefined);
  appendFileSync(join(dataDir, LAYOUT.postgres, "postgresql.conf"), "track_commit_timestamp = on\n");
  await stopStack(dataDir);
}

/** A run that was killed could not end its servers; the next one does. */
async function stopLeftBehind(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && processIdentity(Number(owner)) === null) await end(join(tmpdir(), name));
  }
}
