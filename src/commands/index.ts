import type { Command } from "commander";
import { collectCommand } from "./collect.ts";
import { configCommand } from "./config.ts";
import { consumeCommand } from "./consume.ts";
import { localCommand } from "./local.ts";
import { migrateCommand } from "./migrate.ts";
import { setupCommand } from "./setup.ts";
import { streamsCommand } from "./streams.ts";
import { verifyCommand } from "./verify.ts";

/** Every subcommand, in the order of the help. */
export function commands(): readonly Command[] {
  return [
    setupCommand(),
    collectCommand(),
    consumeCommand(),
    verifyCommand(),
    migrateCommand(),
    streamsCommand(),
    localCommand(),
    configCommand(),
  ];
}
