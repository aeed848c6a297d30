import { loadConsumerSettings, type ConsumerSettings } from "../config/consumer.ts";
import { ClusterflowError } from "../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { Proof } from "../pipeline/proof/proof.ts";
import { Connection } from "../postgres/connection.ts";
import { countSnapshots } from "../postgres/count-snapshots.ts";
import { clusterInfoMessage } from "../streams/cluster-info/messages.ts";
import { runChild } from "./child.ts";
import type { FlowRun } from "./run.ts";
import { verify } from "./verify.ts";

export interface E2eOptions {
  /** Env file of the collector: Kafka and the cluster, not one database line. */
  readonly collectorEnv: string;
  /** Env file of the consumer. */
  readonly consumerEnv: string;
  readonly directory: string;
}

/** Runs one stage and tells how it went; `terminal/stages.ts` is one. */
export interface StageTeller {
  run<T>(title: string, work: () => Promise<readonly [T, string]>): Promise<T>;
}

/** Variables that must not reach the collector as a child: it is told everything by its file. */
const CHILD_KEEPS =
  /^(PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|TERM|NO_COLOR|NODE_.*|KUBECONFIG|KUBERNETES_.*|AWS_.*|GOOGLE_.*|AZURE_.*|XDG_.*|SSL_CERT_.*)$/;

/**
 * The whole street once: collector into Kafka, then the consumer into PostgreSQL, as processes of their own, and the
 * proof. Between the two it looks that the collector left the database alone.
 */
export async function runE2e(options: E2eOptions, stages: StageTeller, run: FlowRun): Promise<Proof> {
  const settings = settingsOf(options);
  await using connection = new Connection(settings.database, "clusterflow e2e");
  const child = (words: readonly string[]): Promise<JsonObject> =>
    runChild({
      words,
      environment: {
        ...Object.fromEntries(Object.entries(run.environment).filter(([name]) => CHILD_KEEPS.test(name))),
        LOG_FORMAT: "json",
      },
      signal: run.signal,
      onLine: (line) => {
        const text = warningIn(line);
        if (text !== null) run.tell({ kind: "warning", text });
      },
    });

  const before = await countSnapshots(connection);
  const snapshot = await stages.run("collect", async () => {
    const document = await child(["collect", "--once", "-f", options.collectorEnv]);
    return describeCollected(document);
  });
  await stages.run("untouched", () => expectCount(connection, before, "by the collector in Kafka mode"));
  await stages.run("consume", async () => {
    const document = await child(["consume", "--until-end", "-f", options.consumerEnv]);
    const counted = (name: string): string => JSON.stringify(document[name] ?? null);
    return [document, `${counted("stored")} messages stored, ${counted("deadLettered")} dead-lettered`];
  });
  await stages.run("stored", () => expectCount(connection, before + 1, "by the consumer"));
  return await stages.run("verify", async () => {
    const proof = await verify(settings, { snapshot, all: false, waitMs: 0 }, run);
    return [proof, proof.verdict];
  });
}

function settingsOf({ consumerEnv, directory }: E2eOptions): ConsumerSettings {
  return loadConsumerSettings({ flags: {}, environment: {}, envFiles: [consumerEnv], directory }).settings;
}

/** What a child warns of in its log; null for its progress, and for what Node itself says. */
function warningIn(line: string): string | null {
  const entry = parseObject(line);
  return entry?.["level"] === "warn" && typeof entry["message"] === "string" ? entry["message"] : null;
}

function parseObject(text: string): JsonObject | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

async function expectCount(
  connection: Connection,
  expected: number,
  by: string,
): Promise<readonly [number, string]> {
  const found = await countSnapshots(connection);
  if (found === expected) return [found, `cluster_snapshots has ${found} rows`];
  throw new ClusterflowError(`cluster_snapshots has ${found} rows and not ${expected}, left ${by}`, {
    code: "wrong",
    hint: "is another consumer running on this database? clusterflow verify",
  });
}

/** The one snapshot in what `collect -o json` printed: its uuid, and what to say of it. */
function describeCollected(document: JsonObject): readonly [string, string] {
  const { snapshots } = document;
  const collected = Array.isArray(snapshots) ? (snapshots as readonly Json[])[0] : undefined;
  if (!isJsonObject(collected))
    throw new ClusterflowError("the collector made no snapshot", { code: "unexpected" });
  const manifest = clusterInfoMessage.parse(collected["manifest"]);
  if (manifest.type !== "snapshot.end") throw new TypeError("a snapshot without its seal");
  const { ranges } = collected;
  const where = Array.isArray(ranges)
    ? (ranges as readonly Json[]).filter(isJsonObject).map(describeRange)
    : [];
  return [
    manifest.snapshot,
    `${manifest.objects} objects in ${manifest.parts + 1} messages at ${where.join(", ")}`,
  ];
}

function describeRange({ topic, partition, first, last }: JsonObject): string {
  const plain = (part: Json | undefined): string => JSON.stringify(part ?? null).replaceAll('"', "");
  return `${plain(topic)}[${plain(partition)}] ${plain(first)}..${plain(last)}`;
}
