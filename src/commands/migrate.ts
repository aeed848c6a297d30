import { Command } from "commander";
import { loadDatabaseSettings } from "../config/database.ts";
import { interruption } from "../terminal/interrupt.ts";
import { print, printJson } from "../terminal/streams.ts";
import { chooseStream } from "./choose-stream.ts";
import {
  settingsSources,
  tellAfter,
  withCommonOptions,
  withDatabaseOptions,
  withStreamsFile,
  type CommonOptions,
} from "./options.ts";

export function migrateCommand(): Command {
  const command = new Command("migrate").description(
    "bring the database's tables, functions and views up to date",
  );
  withCommonOptions(withDatabaseOptions(withStreamsFile(command)));
  return command.action(async (options: CommonOptions) => {
    const sources = settingsSources(options, "database");
    const { declared } = await chooseStream(sources);
    const { settings, notices } = loadDatabaseSettings(sources);
    const { migrateDatabase } = await import("../flows/migrate.ts");
    const applied = await migrateDatabase(settings, declared, {
      tell: tellAfter(notices),
      signal: interruption(),
    });
    if (options.output === "json") printJson({ ok: true, applied });
    else print(applied.length === 0 ? "the database is up to date" : `applied ${applied.join(", ")}`);
  });
}
