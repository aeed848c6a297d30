import { Command } from "commander";
import { loadTopicSettings } from "../config/consumer.ts";
import { print, printJson } from "../terminal/streams.ts";
import { chooseStream } from "./choose-stream.ts";
import {
  settingsInput,
  tellAfter,
  withCommonOptions,
  withKafkaOptions,
  withStreamOption,
  type CommonOptions,
} from "./options.ts";

export function topicCommand(): Command {
  const command = new Command("topic").description("the topic of a stream");
  command.addCommand(createCommand());
  return command;
}

function createCommand(): Command {
  const command = new Command("create").description(
    "make a stream's topic with its partitions and settings; one that is there is left as it is",
  );
  withCommonOptions(withKafkaOptions(withStreamOption(command)));
  return command.action(async (options: CommonOptions) => {
    const input = settingsInput(options);
    const { stream, own } = await chooseStream(input, "consumer");
    const { settings, notices } = loadTopicSettings(input, own);
    const { createTopic } = await import("../flows/create-topic.ts");
    const topic = await createTopic(settings, stream, { tell: tellAfter(notices) });
    if (options.output === "json") printJson({ ok: true, stream: stream.name, ...topic });
    else print(`topic ${topic.name} has ${topic.partitions} partitions`);
  });
}
