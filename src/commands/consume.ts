import { Command } from "commander";
import { loadConsumerSettings } from "../config/consumer.ts";
import { environment } from "../config/env.ts";
import { parseDuration } from "../core/duration.ts";
import { ClusterflowError } from "../core/errors.ts";
import { interruption } from "../terminal/interrupt.ts";
import { print, printJson } from "../terminal/streams.ts";
import { chooseStream, refuseForeignTopic } from "./choose-stream.ts";
import { untilStopped } from "./service.ts";
import {
  settingsSources,
  tellAfter,
  withCommonOptions,
  withDatabaseOptions,
  withKafkaOptions,
  withStreamOption,
  type CommonOptions,
} from "./options.ts";

export function consumeCommand(): Command {
  const command = new Command("consume")
    .description("store a topic's messages in PostgreSQL, exactly once, until a signal or the topic's end")
    .option("--group <name>", "consumer group (KAFKA_GROUP_ID)")
    .option("--until-end", "stop at the end offsets as they are at the start")
    .option(
      "--from <where>",
      "stored: go on where the group stands (default); earliest: replay what the topic holds",
    )
    .option(
      "--give-up-after <duration>",
      "end with status 3 when a server is away for so long (default: only with --until-end, 5m)",
    );
  command.option(
    "--max-poison <count>",
    "stop, or wait, when so many records in a row cannot be stored; 0 sets no limit (CLUSTERFLOW_MAX_POISON, 100)",
  );
  command.option(
    "--dlq-topic <name>",
    "bring dead letters to this topic, too, by custom <topic>.dlq; made when it is not there (CLUSTERFLOW_DLQ_TOPIC)",
  );
  command.option(
    "--http <[host:]port>",
    "show /healthz, /readyz and /metrics; without a host on this machine only (CLUSTERFLOW_HTTP)",
  );
  withCommonOptions(withDatabaseOptions(withKafkaOptions(withStreamOption(command))));
  return command.action(async (options: CommonOptions) => {
    const sources = settingsSources(options, "consumer");
    const choice = await chooseStream(sources);
    const { stream, own } = choice;
    const { settings, notices } = loadConsumerSettings(sources, own);
    refuseForeignTopic(choice, settings.kafka.topic, "consume");
    const run = { tell: tellAfter(notices), signal: interruption(), environment: environment() };
    const { kafkaToPostgres } = await import("../flows/kafka-to-postgres.ts");
    const untilEnd = options["untilEnd"] === true;
    const giveUpAfterMs = patience(options, untilEnd);
    if (replays(options)) {
      const { resetToEarliest } = await import("../flows/reset.ts");
      await resetToEarliest(settings, run);
    }
    const work = kafkaToPostgres(settings, stream, { untilEnd, giveUpAfterMs }, run);
    const summary = untilEnd ? await work : ((await untilStopped(work, run.signal)) ?? NOTHING);
    if (options.output === "json") printJson({ ok: true, ...summary });
    else print(`${summary.stored} messages stored, ${summary.deadLettered} dead-lettered`);
  });
}

/** Of a service that was stopped before it came to its work. */
const NOTHING = { read: 0, stored: 0, deadLettered: 0, fenced: 0, positions: [] };

function replays({ from }: CommonOptions): boolean {
  if (from === undefined || from === "stored") return false;
  if (from === "earliest") return true;
  throw new ClusterflowError("--from is neither stored nor earliest", {
    code: "usage",
    hint: "clusterflow consume --from stored",
  });
}

/** Milliseconds; null waits for ever, which is right for a service and wrong for somebody who waits for the end. */
function patience({ giveUpAfter }: CommonOptions, untilEnd: boolean): number | null {
  if (typeof giveUpAfter !== "string") return untilEnd ? 300_000 : null;
  const ms = parseDuration(giveUpAfter);
  if (ms !== null) return ms;
  throw new ClusterflowError("--give-up-after is no duration", {
    code: "usage",
    hint: "write it as 90s, 5m or 1h",
  });
}
