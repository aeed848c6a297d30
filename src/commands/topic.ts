import { Command } from "commander";
import { loadTopicSettings } from "../config/consumer.ts";
import type { KafkaSettings } from "../config/parts.ts";
import { ClusterflowError } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import type { TopicLook } from "../kafka/topic-look.ts";
import type { RawRecord } from "../pipeline/ports.ts";
import { interruption } from "../terminal/interrupt.ts";
import { print, printJson } from "../terminal/streams.ts";
import { table } from "../terminal/table.ts";
import { chooseStream, type Choice, streamOfTopic } from "./choose-stream.ts";
import {
  settingsSources,
  tellAfter,
  withCommonOptions,
  withKafkaOptions,
  withStreamOption,
  type CommonOptions,
} from "./options.ts";

/** Characters of a value that `tail` shows in a line. */
const SHOWN_CHARACTERS = 500;

export function topicCommand(): Command {
  const command = new Command("topic").description("the topic of a stream: make it, look at it, follow it");
  command.addCommand(createCommand());
  command.addCommand(statusCommand());
  command.addCommand(listCommand());
  command.addCommand(tailCommand());
  return command;
}

function createCommand(): Command {
  const command = topicSubcommand(
    "create",
    "make a stream's topic with its partitions and settings; one that is there is left as it is",
  );
  return command.action(async (options: CommonOptions) => {
    const { stream, settings, tell } = await chosen(options);
    const { createTopic } = await import("../flows/create-topic.ts");
    const topic = await createTopic(settings, stream, { tell });
    if (options.output === "json") printJson({ ok: true, stream: stream.name, ...topic });
    else print(`topic ${topic.name} has ${topic.partitions} partitions`);
  });
}

function statusCommand(): Command {
  const command = topicSubcommand("status", "partitions, replicas, what they hold, and how far the group is");
  command.option("--group <name>", "consumer group; left out, the stream's own");
  return command.action(async (options: CommonOptions) => {
    const { stream, isSaid, all, settings } = await chosen(options);
    const looked = isSaid ? stream : (streamOfTopic(settings.topic, all) ?? stream);
    const group = typeof options["group"] === "string" ? options["group"] : looked.group;
    const { topicStatus } = await import("../flows/look-at-topics.ts");
    const look = await topicStatus(settings, group);
    if (options.output === "json") printJson({ ok: true, group, ...look });
    else print(statusText(look, group));
  });
}

function listCommand(): Command {
  const command = topicSubcommand("list", "all topics, what they hold, and whose they are");
  return command.action(async (options: CommonOptions) => {
    const { all, settings } = await chosen(options);
    const { listTopics } = await import("../flows/look-at-topics.ts");
    const topics = (await listTopics(settings)).map((topic) => ({
      ...topic,
      stream: streamOfTopic(topic.name, all)?.name ?? null,
    }));
    if (options.output === "json") printJson({ ok: true, topics });
    else
      print(
        table(
          ["topic", "partitions", "offsets", "stream"],
          topics.map(({ name, partitions, offsets, stream }) => [
            name,
            String(partitions),
            String(offsets),
            stream ?? "-",
          ]),
        ),
      );
  });
}

function tailCommand(): Command {
  const command = topicSubcommand("tail", "show what the topic holds last and what comes, until a signal")
    .option("--last <count>", "begin so many offsets before the end of each partition (10)")
    .option("--until-end", "stop at the end as it is at the start");
  return command.action(async (options: CommonOptions) => {
    const { settings } = await chosen(options);
    const { tailTopic } = await import("../flows/look-at-topics.ts");
    const show = options.output === "json" ? showDocument : showLine;
    const untilEnd = options["untilEnd"] === true;
    await tailTopic(settings, { last: lastOf(options), untilEnd, signal: interruption() }, show);
  });
}

function topicSubcommand(name: string, description: string): Command {
  const command = new Command(name).description(description);
  return withCommonOptions(withKafkaOptions(withStreamOption(command)));
}

interface Chosen extends Choice {
  readonly settings: KafkaSettings;
  readonly tell: ReturnType<typeof tellAfter>;
}

async function chosen(options: CommonOptions): Promise<Chosen> {
  const sources = settingsSources(options, "consumer");
  const choice = await chooseStream(sources);
  const { settings, notices } = loadTopicSettings(sources, choice.own);
  return { ...choice, settings, tell: tellAfter(notices) };
}

function statusText({ name, partitions, config }: TopicLook, group: string): string {
  const rows = partitions.map(({ partition, low, high, leader, replicas, inSync, position }) => [
    String(partition),
    leader < 0 ? "none" : String(leader),
    `${inSync.length} of ${replicas.length}`,
    String(low),
    String(high),
    position === null ? "-" : String(position),
    position === null ? "-" : String(high - position),
  ]);
  const headers = ["partition", "leader", "in-sync", "from", "to", "position", "lag"];
  const settings = Object.entries(config).map(([setting, value]) => `${setting}=${value}`);
  return [
    `topic ${name}, group ${group} as Kafka was told (clusterflow verify counts what is stored)`,
    settings.join(" "),
    table(headers, rows),
  ].join("\n");
}

function lastOf({ last }: CommonOptions): bigint {
  if (last === undefined) return 10n;
  if (typeof last === "string" && /^\d{1,15}$/.test(last)) return BigInt(last);
  throw new ClusterflowError("--last is no whole number", {
    code: "usage",
    hint: "clusterflow topic tail --last 10",
  });
}

function showLine({ partition, offset, timestamp, key, value }: RawRecord): void {
  const at = timestamp < 0 ? "-" : new Date(Number(timestamp)).toISOString();
  const text = [key, value].map((bytes) =>
    bytes === null ? "-" : printable(bytes.toString("utf8"), SHOWN_CHARACTERS),
  );
  print([`${partition}:${offset}`, at, ...text].join("  "));
}

/** A document a line: what comes has no end. Bytes that are no text are shown as base64 by the members beside them. */
function showDocument({ partition, offset, timestamp, key, value, headers }: RawRecord): void {
  const document = {
    partition,
    offset: offset.toString(),
    timestamp: timestamp.toString(),
    ...textOrBytes("key", key),
    ...textOrBytes("value", value),
    headers: headers.map(([name, text]) => ({ name: name.toString(), ...textOrBytes("value", text) })),
  };
  print(JSON.stringify(document));
}

function textOrBytes(name: string, bytes: Buffer | null): Record<string, string | null> {
  if (bytes === null) return { [name]: null };
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? { [name]: text } : { [`${name}Base64`]: bytes.toString("base64") };
}
