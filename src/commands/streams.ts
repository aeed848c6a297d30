import { Command } from "commander";
import { readStreamsFile } from "../config/streams.ts";
import { sourceText, type DeclaredTable } from "../streams/declared/declaration.ts";
import { isDeclared } from "../streams/declared/stream.ts";
import type { Stream, Target } from "../streams/define.ts";
import { print, printJson } from "../terminal/streams.ts";
import { table } from "../terminal/table.ts";
import { chooseStream, declaredIn, unknownStream } from "./choose-stream.ts";
import {
  settingsSources,
  withOutput,
  withSettingsFiles,
  withStreamsFile,
  type CommonOptions,
} from "./options.ts";

export function streamsCommand(): Command {
  const command = withStreams(new Command("streams"))
    .description("the streams that clusterflow moves, and those that a file of yours declares")
    .action(listStreams);
  command.addCommand(withStreams(new Command("list")).description("list them").action(listStreams));
  command.addCommand(describeCommand());
  command.addCommand(checkCommand());
  return command;
}

function withStreams(command: Command): Command {
  return withOutput(withStreamsFile(withSettingsFiles(command)));
}

/** Both `streams` and `streams list` take the flags, and commander gives them to the first of the two. */
function optionsOf(command: Command): CommonOptions {
  const options = command.optsWithGlobals<CommonOptions>();
  const isJson =
    command.opts<CommonOptions>().output === "json" || command.parent?.opts()["output"] === "json";
  return { ...options, output: isJson ? "json" : "text" };
}

async function listStreams(_: unknown, command: Command): Promise<void> {
  const options = optionsOf(command);
  const { all } = await chooseStream(settingsSources(options, "consumer"));
  const rows = all.map((stream) => ({
    name: stream.name,
    topic: stream.topic.name,
    partitions: stream.topic.partitions,
    group: stream.group,
    into: placesOf(stream.target).join(", "),
    declared: placeOf(stream) ?? "built in",
  }));
  if (options.output === "json") printJson({ ok: true, streams: rows });
  else
    print(
      table(
        ["stream", "topic", "partitions", "group", "into", "declared"],
        rows.map((row) => Object.values(row).map(String)),
      ),
    );
}

function placesOf(target: Target): readonly string[] {
  const places =
    target.kind === "tables" ? target.tables.map(({ table: place }) => place) : [target.procedure];
  return places.map((place) => place.join("."));
}

function placeOf(stream: Stream): string | null {
  return isDeclared(stream) ? `${stream.declared.file}:${stream.declared.line}` : null;
}

function describeCommand(): Command {
  return withStreams(new Command("describe"))
    .description("everything about one stream: topic, group, key, tables, columns, identity")
    .argument("<name>", "stream")
    .action(async (name: string, _: unknown, command: Command) => {
      const options = optionsOf(command);
      const { all } = await chooseStream(settingsSources(options, "consumer"));
      const stream = all.find((one) => one.name === name);
      if (stream === undefined) throw unknownStream(name, all, options["streamsFile"] !== undefined);
      const description = describe(stream);
      if (options.output === "json") printJson({ ok: true, ...description });
      else print(asText(description));
    });
}

interface ColumnDescription {
  readonly name: string;
  readonly type: string;
  /** Null for a stream whose own code says so. */
  readonly from: string | null;
  readonly required: boolean;
  readonly default: unknown;
}

interface TableDescription {
  readonly table: string;
  readonly identity: readonly string[];
  readonly again: string;
  readonly when: string | null;
  readonly columns: readonly ColumnDescription[];
}

interface Description {
  readonly name: string;
  readonly declared: string | null;
  readonly topic: Stream["topic"];
  readonly group: string;
  readonly key: string | null;
  readonly procedure: string | null;
  readonly tables: readonly TableDescription[];
}

function describe(stream: Stream): Description {
  const { name, topic, group, target } = stream;
  const declared = isDeclared(stream) ? stream.declared : null;
  return {
    name,
    declared: placeOf(stream),
    topic,
    group,
    key: declared?.key?.text ?? null,
    procedure: target.kind === "procedure" ? target.procedure.join(".") : null,
    tables: declared === null ? tablesOf(target) : declared.tables.map(describeTable),
  };
}

function tablesOf(target: Target): readonly TableDescription[] {
  if (target.kind === "procedure") return [];
  return target.tables.map(({ table: place, columns, identity, again }) => ({
    table: place.join("."),
    identity,
    again,
    when: null,
    columns: Object.entries(columns).map(([name, type]) => ({
      name,
      type,
      from: null,
      required: false,
      default: null,
    })),
  }));
}

function describeTable({ table: place, identity, again, when, columns }: DeclaredTable): TableDescription {
  return {
    table: place.join("."),
    identity,
    again,
    when:
      when === null
        ? null
        : `${when.path} is ${when.equals.map((value) => JSON.stringify(value)).join(" or ")}`,
    columns: columns.map(({ name, type, source, isRequired, fallback }) => ({
      name,
      type: type.name,
      from: sourceText(source),
      required: isRequired,
      default: fallback,
    })),
  };
}

function asText({ name, declared, topic, group, key, procedure, tables }: Description): string {
  const settings = Object.entries(topic.config).map(([setting, value]) => `${setting}=${value}`);
  const head = [
    `stream      ${name}`,
    `declared    ${declared ?? "built in"}`,
    `topic       ${topic.name}, ${topic.partitions} partitions`,
    ...settings.map((setting) => `            ${setting}`),
    `group       ${group}`,
    ...(key === null ? [] : [`key         ${key}`]),
    ...(procedure === null ? [] : [`into        ${procedure}`]),
  ];
  return [...head, ...tables.flatMap(tableText)].join("\n");
}

function tableText({ table: place, identity, again, when, columns }: TableDescription): readonly string[] {
  const rows = columns.map((column) => [
    `  ${column.name}`,
    column.type,
    column.from ?? "",
    column.required ? "required" : column.default === null ? "" : `default ${JSON.stringify(column.default)}`,
  ]);
  return [
    "",
    `table       ${place}`,
    `identity    ${identity.join(", ")}; a row that comes again: ${again}`,
    ...(when === null ? [] : [`when        ${when}`]),
    table(["  COLUMN", "TYPE", "FROM", ""], rows),
  ];
}

function checkCommand(): Command {
  return withOutput(new Command("check"))
    .description("check a file of streams without any server; all that is wrong is told")
    .argument("<file>", "streams of your own, YAML or JSON")
    .action(async (file: string, _: unknown, command: Command) => {
      const streams = (await declaredIn(readStreamsFile(process.cwd(), file))).map(({ name }) => name);
      if (optionsOf(command).output === "json") printJson({ ok: true, file, streams });
      else print(`OK: ${file} declares ${streams.join(", ")}`);
    });
}
