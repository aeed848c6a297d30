import { Command } from "commander";
import { STREAMS } from "../streams/index.ts";
import { print, printJson } from "../terminal/streams.ts";
import { table } from "../terminal/table.ts";

export function streamsCommand(): Command {
  return new Command("streams")
    .description("list the streams that clusterflow moves")
    .option("-o, --output <form>", "text or json", "text")
    .action((options: { readonly output: string }) => {
      const rows = STREAMS.map(({ name, topic, group, target }) => ({
        name,
        topic: topic.name,
        partitions: topic.partitions,
        group,
        into: (target.kind === "table" ? target.table : target.procedure).join("."),
      }));
      if (options.output === "json") printJson({ ok: true, streams: rows });
      else
        print(
          table(
            ["stream", "topic", "partitions", "group", "into"],
            rows.map((row) => Object.values(row).map(String)),
          ),
        );
    });
}
