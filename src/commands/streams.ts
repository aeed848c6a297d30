import { Command } from "commander";
import { STREAMS } from "../streams/index.ts";
import { print, printJson } from "../terminal/streams.ts";
import { table } from "../terminal/table.ts";
import { withOutput } from "./options.ts";

export function streamsCommand(): Command {
  return withOutput(new Command("streams"))
    .description("list the streams that clusterflow moves")
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
