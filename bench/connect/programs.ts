import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findJava } from "../../src/local/java.ts";
import { kafkaPom, provideKafkaJars, type JarSet } from "../../src/local/kafka-jars.ts";
import { runTool } from "../../src/local/run-tool.ts";
import { defaultStackOptions } from "../../src/local/stack-options.ts";

const CONNECT: JarSet = {
  pom: kafkaPom("connect-pom.xml"),
  name: "kafka-connect",
  proof: "connect-runtime",
  megabytes: 100,
};

export interface ConnectPrograms {
  readonly java: string;
  /** Connect's own jars. */
  readonly jars: string;
  /** Folder of plugins, each with its jars. */
  readonly plugins: string;
}

/** Kafka Connect and Debezium's JDBC sink, downloaded once. */
export async function connectPrograms(): Promise<ConnectPrograms> {
  const { cacheDir } = defaultStackOptions(process.env);
  const { signal } = new AbortController();
  const request = { cacheDir, environment: process.env, signal };
  const [java, jars] = await Promise.all([
    findJava(process.env, signal),
    provideKafkaJars(request, () => undefined, CONNECT),
  ]);
  return { java: java.file, jars: jars.folder, plugins: await unpackPlugin(jars.folder) };
}

/** Into a folder of another name first: half an archive is never taken for a whole one. */
async function unpackPlugin(jars: string): Promise<string> {
  const plugins = join(jars, "plugins");
  if (existsSync(plugins)) return plugins;
  const archive = readdirSync(jars).find((name) => name.endsWith("-plugin.tar.gz"))!;
  const unfinished = `${plugins}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  const call = { cwd: unfinished, environment: process.env, timeoutMs: 60_000 };
  const { signal } = new AbortController();
  const answer = await runTool("tar", ["-xzf", join(jars, archive)], { ...call, signal });
  if (answer.status !== 0) throw new Error(`tar cannot unpack ${archive}: ${answer.stderr}`);
  renameSync(unfinished, plugins);
  return plugins;
}
