import type { Command } from "commander";
import { ClusterflowError } from "../core/errors.ts";

/**
 * Refuses a flag whose value is empty, of any command. A script whose variable is not set says `--topic ""`; passing that
 * over would run with another topic than the one that somebody meant.
 */
export function refuseEmptyFlags(command: Command): void {
  for (let one: Command | null = command; one !== null; one = one.parent)
    for (const option of one.options) {
      const name = option.attributeName();
      if (one.getOptionValueSource(name) !== "cli" || !isEmpty(one.getOptionValue(name))) continue;
      throw new ClusterflowError(
        `${option.long ?? option.flags} is given without a value: give it one, or leave it out`,
        {
          code: "usage",
          hint: `${wordsOf(command)} --help`,
        },
      );
    }
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isEmpty) : typeof value === "string" && value.trim() === "";
}

function wordsOf(command: Command): string {
  return command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`;
}
