import type { TestProject } from "vitest/node";
import { defaultStackOptions } from "../../src/local/stack-options.ts";
import { makeEphemeralFolder } from "../../src/local/folders.ts";
import { startStack } from "../../src/local/start-stack.ts";
import { stopStack } from "../../src/local/stop-stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly brokers: string[];
    /** The server's address and its superuser. */
    readonly superuser: { readonly host: string; readonly port: number; readonly password: string };
  }
}

/** One real PostgreSQL and one real Kafka for all test files, in a folder that goes when they are done. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await makeEphemeralFolder("clusterflow-test-");
  const options = { ...defaultStackOptions(process.env), dataDir, ephemeral: true, durable: false };
  const { brokers, database } = await startStack(options, () => undefined);
  const { host, port, superuserPassword } = database;
  project.provide("brokers", [...brokers]);
  project.provide("superuser", { host, port, password: superuserPassword });
  return async () => {
    await stopStack(dataDir, () => undefined);
  };
}
