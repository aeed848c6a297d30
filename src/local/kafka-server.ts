import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { BrokerPlan } from "./broker-properties.ts";
import { brokerProperties } from "./broker-properties.ts";
import { accessFailure, diskFull, toolFailed } from "./failures.ts";
import { LAYOUT, packageRoot } from "./folders.ts";
import { runTool } from "./run-tool.ts";

export interface KafkaPlan {
  readonly dataDir: string;
  readonly java: string;
  readonly jars: string;
  readonly clusterId: string;
  readonly broker: BrokerPlan;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const FORMAT_TIMEOUT_MS = 60_000;

/** 16 random bytes in base64url, as Kafka wants it; drawn again when it would read as a flag. */
export function drawClusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString("base64url");
    if (!id.startsWith("-")) return id;
  }
}

/** Writes the broker's settings, with the ports of this start, and formats its folder when that was not done yet. */
export async function prepareKafka(plan: KafkaPlan, signal: AbortSignal): Promise<void> {
  const { dataDir, broker } = plan;
  const temporary = join(dataDir, LAYOUT.kafkaTemporary(broker.node));
  try {
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary);
    copyFileSync(join(packageRoot(), "env", "kafka", "log4j2.yaml"), join(dataDir, LAYOUT.kafkaLogging));
    writeFileSync(join(dataDir, LAYOUT.kafkaProperties(broker.node)), brokerProperties(broker));
  } catch (cause) {
    throw accessFailure(dataDir, cause);
  }
  if (!existsSync(join(dataDir, LAYOUT.kafka(broker.node), "meta.properties"))) await format(plan, signal);
}

/** Arguments of the broker's Java. Small heap, serial collector: 300 MB resident, measured. */
export function kafkaArguments(plan: KafkaPlan): readonly string[] {
  return [
    ["-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-Xshare:auto"],
    // C1 alone nearly halves what a start costs (3.2 CPU seconds instead of 5.7) and takes throughput for it.
    plan.broker.durable ? [] : ["-XX:TieredStopAtLevel=1"],
    // The libraries that its codecs unpack there stay behind when it is killed; here the next start removes them.
    `-Djava.io.tmpdir=${join(plan.dataDir, LAYOUT.kafkaTemporary(plan.broker.node))}`,
    // A broker without memory ends, and is seen to be down, instead of lingering.
    ["-XX:+ExitOnOutOfMemoryError", `-XX:ErrorFile=${LAYOUT.logs}/kafka-crash-%p.log`],
    classPath(plan),
    ["kafka.Kafka", LAYOUT.kafkaProperties(plan.broker.node)],
  ].flat();
}

async function format(plan: KafkaPlan, signal: AbortSignal): Promise<void> {
  // One word: an id may hold a `-` anywhere.
  const id = `--cluster-id=${plan.clusterId}`;
  const file = LAYOUT.kafkaProperties(plan.broker.node);
  const tool = [...classPath(plan), "kafka.tools.StorageTool", "format", id, "-c", file];
  // C1 alone: this program lives for half a second.
  const answer = await runTool(
    plan.java,
    ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", ...tool],
    {
      cwd: plan.dataDir,
      environment: plan.environment,
      signal,
      timeoutMs: FORMAT_TIMEOUT_MS,
    },
  );
  if (answer.status === 0) return;
  const said = `${answer.stdout}\n${answer.stderr}`.trim();
  if (/No space left on device/.test(said)) throw diskFull(plan.dataDir);
  throw toolFailed("Kafka's storage tool", answer.status, said.split("\n").slice(-8));
}

/** The logging file relative to the data folder: log4j takes a comma in a path for a list. */
function classPath(plan: KafkaPlan): readonly string[] {
  return [`-Dlog4j2.configurationFile=${LAYOUT.kafkaLogging}`, "-cp", join(plan.jars, "*")];
}
