import { Command } from "commander";
import { loadCollectorSettings, type CollectorSettings } from "../config/collector.ts";
import { environment } from "../config/env.ts";
import { ClusterflowError } from "../core/errors.ts";
import { assertNever } from "../core/never.ts";
import type { Collected, OnCollected } from "../flows/collect-schedule.ts";
import type { FlowRun } from "../flows/run.ts";
import { clusterInfo } from "../streams/cluster-info/stream.ts";
import { STREAMS } from "../streams/index.ts";
import { FailedAfter } from "../terminal/failure.ts";
import { interruption } from "../terminal/interrupt.ts";
import { print, printJson } from "../terminal/streams.ts";
import { streamOfTopic } from "./choose-stream.ts";
import { untilStopped } from "./service.ts";
import {
  settingsInput,
  tellAfter,
  withCommonOptions,
  withDatabaseOptions,
  withKafkaOptions,
  type CommonOptions,
} from "./options.ts";

export function collectCommand(): Command {
  const command = new Command("collect")
    .description(
      "read a Kubernetes cluster's inventory into Kafka (mode hybrid-kafka) or PostgreSQL (mode legacy)",
    )
    .option("--mode <mode>", "hybrid-kafka or legacy (CLUSTERFLOW_MODE, KAFKA_ENABLED)")
    .option("--once", "one snapshot, also when an interval is set")
    .option("--interval <duration>", "a snapshot every so often, such as 5m (COLLECTION_INTERVAL)")
    .option(
      "--give-up-after <duration>",
      "end with status 3 when a server is away for so long, collecting once (default 5m)",
    )
    .option("--kubeconfig <path>", "kubeconfig file (KUBECONFIG)")
    .option("--kube-context <name>", "context in the kubeconfig")
    .option("--kube-server <url>", "API server, without a kubeconfig")
    .option("--kube-token-file <path>", "file that holds a bearer token, with --kube-server")
    .option("--kube-ca-file <path>", "CA certificates of the API server, PEM")
    .option("--kube-insecure-skip-tls-verify", "do not check the API server's certificate")
    .option("--page-size <n>", "objects asked for in one request (default 500)")
    .option("--cluster-id <id>", "name the cluster by this instead of the kube-system namespace's uid")
    .option("--cluster-name <name>", "what people call the cluster")
    .option(
      "--allow-database-env",
      "start in mode hybrid-kafka although database settings are present; they are not read",
    );
  withCommonOptions(withDatabaseOptions(withKafkaOptions(command)));
  return command.action(async (options: CommonOptions) => {
    const { settings, notices } = loadCollectorSettings(settingsInput(options));
    refuseForeignTopic(settings);
    const run: FlowRun = {
      tell: tellAfter(notices),
      signal: interruption(),
      environment: environment(),
    };
    if (options.output === "json") await collectIntoDocument(settings, run);
    else await collect(settings, run, (one) => print(describe(one)));
  });
}

/** Whoever reads that topic would have a dead letter of each message. */
function refuseForeignTopic(settings: CollectorSettings): void {
  if (settings.mode === "legacy") return;
  const { topic } = settings.kafka;
  const owner = streamOfTopic(topic, STREAMS);
  if (owner === null || owner === clusterInfo) return;
  throw new ClusterflowError(`topic ${topic} is that of stream ${owner.name}: no snapshot belongs there`, {
    code: "usage",
    hint: `clusterflow collect --topic ${clusterInfo.topic.name}`,
  });
}

/** Snapshots that the document lists, the latest ones: a collector may run for months. */
const LISTED = 1_000;

/** One document at the end, which lists what is safely down also when the end is an error or a signal. */
async function collectIntoDocument(settings: CollectorSettings, run: FlowRun): Promise<void> {
  const done: { collected: number; readonly snapshots: Collected[] } = { collected: 0, snapshots: [] };
  try {
    await collect(settings, run, (one) => {
      done.collected += 1;
      done.snapshots.push(one);
      if (done.snapshots.length > LISTED) done.snapshots.shift();
    });
  } catch (error) {
    throw new FailedAfter(done, error);
  }
  printJson({ ok: true, ...done });
}

async function collect(settings: CollectorSettings, run: FlowRun, onCollected: OnCollected): Promise<void> {
  const work = collectInMode(settings, run, onCollected);
  if (settings.schedule.intervalMs === null) await work;
  else await untilStopped(work, run.signal);
}

/** The flow of the other mode is not even loaded: in Kafka mode no database driver is in the process. */
async function collectInMode(
  settings: CollectorSettings,
  run: FlowRun,
  onCollected: OnCollected,
): Promise<void> {
  switch (settings.mode) {
    case "hybrid-kafka": {
      const { collectToKafka } = await import("../flows/collect-to-kafka.ts");
      return collectToKafka(settings, run, onCollected);
    }
    case "legacy": {
      const { collectToPostgres } = await import("../flows/collect-to-postgres.ts");
      return collectToPostgres(settings, run, onCollected);
    }
    default:
      return assertNever(settings);
  }
}

function describe({ manifest, ranges }: Collected): string {
  const complete = manifest.kinds.filter(({ status }) => status === "complete").length;
  const where = ranges.map(
    ({ topic, partition, first, last }) => ` in ${topic}[${partition}] offsets ${first}..${last}`,
  );
  return (
    `snapshot ${manifest.snapshot}: ${manifest.objects} objects, ${complete} of ${manifest.kinds.length} kinds complete` +
    `, ${manifest.parts + 1} messages${where.join(" and")}, digest ${manifest.digest.slice(0, 16)}`
  );
}
