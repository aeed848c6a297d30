import { withDatabaseUrl } from "../database-layers.ts";
import type { Findings } from "../findings.ts";
import type { Parser } from "../parsers.ts";
import { openLayers, type SettingsInput } from "../sources/layers.ts";
import { type Found, resolveValues, type Values } from "../sources/resolve.ts";

export type SetupValues = Values<"kafka" | "consumer" | "database" | "kubernetes" | "collector">;
type SetupSetting = Parameters<SetupValues["find"]>[0];

/** Where texts come from before anybody is asked. */
export interface Sources {
  /** From flags and environment. */
  readonly given: SetupValues;
  /** From the files that are to be replaced. */
  readonly known: SetupValues;
}

/** libpq's own variables are left out: a file would freeze what is meant for this shell. */
export function valuesFrom(input: SettingsInput, findings: Findings): SetupValues {
  const layers = withDatabaseUrl(openLayers(input, [], findings).slice(0, -1), findings);
  return resolveValues(layers, ["kafka", "consumer", "database", "kubernetes", "collector"], findings);
}

/** What a flag or the environment says; null when neither does. */
export function givenText({ given }: Pick<Sources, "given">, id: SetupSetting): string | null {
  return textOf(given.find(id));
}

/** What a file says that is to be replaced; null too when it does not fit. */
export function knownText(
  { known }: Pick<Sources, "known">,
  id: SetupSetting,
  parse?: Parser<unknown>,
): string | null {
  const text = textOf(known.find(id));
  return text === null || parse === undefined || "value" in parse(text) ? text : null;
}

function textOf(found: Found | null): string | null {
  return found?.given ? found.text : null;
}
