import { existsSync } from "node:fs";
import { join } from "node:path";
import { ClusterflowError } from "../core/errors.ts";
import { assertNever } from "../core/never.ts";
import type { Tell } from "../core/report.ts";
import { packageRoot } from "./folders.ts";
import type { Java } from "./java.ts";
import { findJava } from "./java.ts";
import type { KafkaJars } from "./kafka-jars.ts";
import { provideKafkaJars } from "./kafka-jars.ts";
import { kafkaArguments, prepareKafka } from "./kafka-server.ts";
import type { Launch } from "./launch-server.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { providePostgres } from "./postgres-binaries.ts";
import { POSTGRES_ENVIRONMENT, postgresArguments, preparePostgres } from "./postgres-server.ts";
import type { SystemUser } from "./run-as.ts";
import { postgresUser } from "./run-as.ts";
import { whyNotReady } from "./server-probe.ts";
import type { StackOptions } from "./stack-options.ts";
import type { StackServer } from "./stack-servers.ts";
import { logPath, titleOf } from "./stack-servers.ts";
import type { StateFile } from "./state.ts";
import { HOST } from "./state.ts";

/** The programs that servers are started from, found or fetched before anything is started. */
export interface Programs {
  readonly postgres: { readonly binaries: PostgresBinaries; readonly user: SystemUser | null };
  readonly kafka: { readonly java: Java; readonly jars: KafkaJars };
  /** The simulated API server's script. */
  readonly clusterScript: string;
}

const CLUSTER_SCRIPT = join(packageRoot(), "dist", "local", "cluster", "main.js");

/** All checks that need no server: a missing Java is told before PostgreSQL was started in vain. */
export async function findPrograms(
  options: Pick<StackOptions, "cacheDir" | "environment"> & { readonly hasCluster: boolean },
  signal: AbortSignal,
  tell: Tell,
): Promise<Programs> {
  const { cacheDir, environment } = options;
  if (options.hasCluster && !existsSync(CLUSTER_SCRIPT)) throw notBuilt();
  const java = await findJava(environment, signal);
  const [binaries, user, jars] = await Promise.all([
    providePostgres(cacheDir, tell),
    postgresUser(signal),
    provideKafkaJars({ cacheDir, environment, signal }, tell),
  ]);
  return { postgres: { binaries, user }, kafka: { java, jars }, clusterScript: CLUSTER_SCRIPT };
}

export interface LaunchContext {
  readonly options: StackOptions;
  readonly programs: Programs;
  readonly file: StateFile;
}

/** How one server of the stack is started. */
export function planLaunch(server: StackServer, context: LaunchContext): Launch {
  const { dataDir } = context.options;
  const { kafkaClusterId, ports } = context.file;
  const shared = {
    ...server,
    log: logPath(dataDir, server.name),
    cwd: dataDir,
    portHint: "Run the same command again: it then takes a free port.",
    whyNotReady: () => whyNotReady(server, { kafkaClusterId, brokers: ports.kafka.length }),
  };
  switch (server.kind) {
    case "postgres":
      return { ...shared, ...postgresLaunch(server, context) };
    case "kafka":
      return { ...shared, ...kafkaLaunch(server, context) };
    case "cluster":
      return { ...shared, ...clusterLaunch(server, context) };
    default:
      return assertNever(server.kind);
  }
}

type Own = Pick<
  Launch,
  "title" | "version" | "file" | "args" | "environment" | "user" | "prepare" | "passing"
>;

function postgresLaunch(server: StackServer, { options, programs, file }: LaunchContext): Own {
  const { binaries, user } = programs.postgres;
  const { dataDir } = options;
  const { durable, superuserPassword } = file;
  return {
    title: `${titleOf("postgres")} ${binaries.version}`,
    version: binaries.version,
    file: join(binaries.folder, "bin", "postgres"),
    args: postgresArguments(dataDir, server.port, durable),
    environment: POSTGRES_ENVIRONMENT,
    user,
    prepare: (signal) => preparePostgres({ dataDir, binaries, user, superuserPassword, durable }, signal),
    // After kill -9 the sessions of the dead server take a moment to notice.
    passing: /pre-existing shared memory block|lock file "postmaster.pid" already exists/,
  };
}

function kafkaLaunch(server: StackServer, { options, programs, file }: LaunchContext): Own {
  const { java, jars } = programs.kafka;
  const { kafka: ports, controllers } = file.ports;
  const environment = visible(options.environment);
  const plan = {
    dataDir: options.dataDir,
    java: java.file,
    jars: jars.folder,
    clusterId: file.kafkaClusterId,
    broker: { node: server.node, ports, controllers, durable: file.durable },
    environment,
  };
  return {
    title: `${titleOf("kafka")} ${jars.version}${ports.length === 1 ? "" : ` (${server.name})`}`,
    version: jars.version,
    file: java.file,
    args: kafkaArguments(plan),
    environment,
    user: null,
    prepare: (signal) => prepareKafka(plan, signal),
    passing: null,
  };
}

function clusterLaunch(server: StackServer, { options, programs, file }: LaunchContext): Own {
  const { objects, seed } = file.cluster ?? { objects: 0, seed: 0 };
  const numbers = { objects, seed, port: server.port };
  return {
    title: `${titleOf("cluster")} (simulated)`,
    version: "simulated",
    file: process.execPath,
    args: [
      programs.clusterScript,
      ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ...["--host", HOST],
    ],
    environment: visible(options.environment),
    user: null,
    prepare: () => Promise.resolve(),
    passing: null,
  };
}

/** What a server may see of the environment: enough to run, no credentials, for it outlives this shell. */
function visible(environment: StackOptions["environment"]): Record<string, string | undefined> {
  const names = ["PATH", "HOME", "LANG", "TMPDIR", "TZ", "JAVA_HOME"];
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}

function notBuilt(): ClusterflowError {
  return new ClusterflowError("The simulated cluster is not built yet.", {
    code: "usage",
    hint: "npm run build",
  });
}
