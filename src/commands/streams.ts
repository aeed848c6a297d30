import { Command } from "commander";
import type { Target } from "../streams/define.ts";
import { STREAMS } from "../streams/index.ts";
import { print, printJson } from "../terminal/streams.ts";
import { table } from "../terminal/table.ts";
import { withOutput } from "./options.ts";

function placesOf(target: Target): readonly (readonly string[])[] {
  return target.kind === "tables" ? target.tables.map(({ table: place }) => place) : [target.procedure];
}

export function streamsCommand(): Command {
  return withOutput(new Command("streams"))
    .description("list the streams that clusterflow moves")
    .action((options: { readonly output: string }) => {
      const rows = STREAMS.map(({ name, topic, group, target }) => ({
        name,
        topic: topic.name,
        partitions: topic.partitions,
        group,
        into: placesOf(target)
          .map((place) => place.join("."))
          .join(", "),
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
