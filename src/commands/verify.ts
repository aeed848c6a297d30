import { Command, Option } from "commander";
import { writeFile } from "node:fs/promises";
import { loadConsumerSettings } from "../config/consumer.ts";
import { loadDatabaseSettings } from "../config/database.ts";
import { explainSettings } from "../config/explain.ts";
import type { Loaded } from "../config/loaded.ts";
import { parseBoolean } from "../config/parsers.ts";
import type { Sources } from "../config/sources.ts";
import { parseDuration } from "../core/duration.ts";
import { ClusterflowError, exitStatusOf } from "../core/errors.ts";
import type { VerifySettings } from "../flows/verify.ts";
import type { Proof } from "../pipeline/proof/proof.ts";
import { interruption } from "../terminal/interrupt.ts";
import { describeProof, junitOf, verdictLines } from "../terminal/proof.ts";
import { print, printJson } from "../terminal/streams.ts";
import { liveOptions, liveWithoutKafka } from "./live-options.ts";
import { chooseStream } from "./choose-stream.ts";
import { withSameFlags } from "./same-flags.ts";
import {
  settingsSources,
  tellAfter,
  withCommonOptions,
  withDatabaseOptions,
  withKafkaOptions,
  withStreamOption,
  type CommonOptions,
} from "./options.ts";

export function verifyCommand(): Command {
  const command = new Command("verify")
    .description(
      "prove in numbers that what was collected or posted is stored, once; changes no row of a stream",
    )
    .addOption(
      new Option("--mode <mode>", "hybrid-kafka: topic, ledger and tables; legacy: the tables alone").choices(
        ["hybrid-kafka", "legacy"],
      ),
    )
    .option("--group <name>", "consumer group whose ledger counts (KAFKA_GROUP_ID)")
    .option("--snapshot <uuid>", "compare this snapshot object by object (default: the latest)")
    .addOption(new Option("--all", "compare every sealed snapshot object by object").conflicts("snapshot"))
    .option("--wait <duration>", "wait so long, such as 60s, for what is in flight or away")
    .option("--live", "send probes and look whether each comes through, once; no row of the stream")
    .option("--probes <count>", "with --live: how many, each way (100)")
    .option("--timeout <duration>", "with --live: how long they may take (30s)")
    .option("--url <address>", "with --live: post probes to this gateway, too, such as http://localhost:8080")
    .option(
      "--token-file <path>",
      "with --url: file that holds a token with the scope WRITE (CLUSTERFLOW_TOKEN)",
    )
    .option("--junit <file>", "write the checks to this file as JUnit XML");
  withCommonOptions(withDatabaseOptions(withKafkaOptions(withStreamOption(command))));
  command.addHelpText(
    "after",
    "\nExit status: 0 proven, 4 something is wrong, 8 in flight, 3 a server is away",
  );
  return command.action(prove);
}

async function prove(options: CommonOptions): Promise<void> {
  const what = { snapshot: snapshotOf(options), all: options["all"] === true, waitMs: waitOf(options) };
  const sources = settingsSources(options, "consumer");
  const live = liveOptions(options, sources.input.environment);
  const { stream, own } = await chooseStream(sources);
  if (own !== undefined) refuseWithoutTopic(stream.name, sources);
  const { settings, notices } =
    own === undefined ? loadSettings(sources) : loadConsumerSettings(sources, own);
  if (live !== null && settings.kafka === undefined) throw liveWithoutKafka();
  const { verify } = await import("../flows/verify.ts");
  const found = await verify(
    settings,
    { ...what, stream, ...(live === null ? {} : { live }) },
    { tell: tellAfter(notices), signal: interruption() },
  );
  const hint = found.hint === null ? null : withSameFlags(found.hint, options, found.mode);
  const proof = { ...found, hint };
  const exit = exitOf(proof);
  if (options.output === "json") printJson({ ok: exit === 0, exit, ...proof });
  else print(options.quiet === true ? verdictLines(proof) : describeProof(proof));
  if (typeof options["junit"] === "string") await writeJunit(options["junit"], proof);
  process.exitCode = exit;
}

/** Without a topic there is nothing that what is stored could be compared with. */
function refuseWithoutTopic(stream: string, sources: Sources): void {
  if (givenMode(sources) !== "legacy") return;
  throw new ClusterflowError(
    `what was stored of stream ${stream} without Kafka cannot be proven: no topic says what was taken, and no ledger counts it`,
    {
      code: "usage",
      hint: `where its events go through Kafka: clusterflow verify --stream ${stream} --mode hybrid-kafka`,
    },
  );
}

function loadSettings(sources: Sources): Loaded<VerifySettings> {
  if (goesThroughKafka(sources)) return loadConsumerSettings(sources);
  const { settings: database, ...rest } = loadDatabaseSettings(sources);
  return { settings: { database }, ...rest };
}

/** As the mode says; where none is given, whether anybody named anything of Kafka. */
function goesThroughKafka(sources: Sources): boolean {
  const mode = givenMode(sources);
  if (mode !== null) return mode === "hybrid-kafka";
  return givenSettings(sources).some(({ group }) => group === "kafka" || group === "consumer");
}

function givenMode(sources: Sources): "legacy" | "hybrid-kafka" | null {
  const { mode: flag } = sources.input.flags;
  if (typeof flag === "string") return flag === "legacy" ? "legacy" : "hybrid-kafka";
  const given = givenSettings(sources);
  const valueOf = (name: string): string | null => given.find((view) => view.name === name)?.value ?? null;
  const mode = valueOf("CLUSTERFLOW_MODE");
  if (mode !== null) return mode.toLowerCase() === "legacy" ? "legacy" : "hybrid-kafka";
  const enabled = valueOf("KAFKA_ENABLED");
  if (enabled === null) return null;
  return isFalse(enabled) ? "legacy" : "hybrid-kafka";
}

function givenSettings(sources: Sources): ReturnType<typeof explainSettings>["settings"] {
  const views = explainSettings(sources, "consumer").settings;
  return views.filter(({ origin }) => origin !== "default" && origin !== "not set");
}

function isFalse(text: string): boolean {
  const parsed = parseBoolean(text);
  return "value" in parsed && !parsed.value;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function snapshotOf({ snapshot }: CommonOptions): string | null {
  if (typeof snapshot !== "string") return null;
  if (UUID.test(snapshot)) return snapshot;
  throw new ClusterflowError("--snapshot is no snapshot id", {
    code: "usage",
    hint: "pass the id that clusterflow collect prints, such as 0b8f4a6e-5c1d-4f0e-9a52-3f1f3f7d2c11",
  });
}

function waitOf({ wait }: CommonOptions): number {
  if (typeof wait !== "string") return 0;
  const ms = parseDuration(wait);
  if (ms !== null) return ms;
  throw new ClusterflowError("--wait is no duration", { code: "usage", hint: "write it as 90s, 5m or 1h" });
}

/** The same numbers as those of errors: a proof that says `wrong` is `wrong` to a script too. */
function exitOf({ verdict, sentence }: Proof): number {
  if (verdict === "proven") return 0;
  return exitStatusOf(new ClusterflowError(sentence, { code: verdict === "wrong" ? "wrong" : "timeout" }));
}

async function writeJunit(file: string, proof: Proof): Promise<void> {
  try {
    await writeFile(file, junitOf(proof));
  } catch (error) {
    throw new ClusterflowError(`the JUnit file ${file} cannot be written`, {
      code: "usage",
      hint: "is there such a folder, and may this user write to it?",
      cause: error,
    });
  }
}
