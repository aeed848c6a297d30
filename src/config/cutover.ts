import { parseConsumer, type ConsumerSettings } from "./consumer.ts";
import { parseDatabase } from "./database.ts";
import type { Findings } from "./findings.ts";
import type { Loaded } from "./loaded.ts";
import { readLog } from "./log.ts";
import { withOwnPlace, type OwnPlace } from "./own-place.ts";
import type { DatabaseSettings } from "./parts.ts";
import { seeOrigins } from "./role.ts";
import { sourcesFor, type Sources } from "./sources.ts";
import type { Layer, SettingsInput } from "./sources/layers.ts";

/** The consumer's settings, and the database that has the table which is to become a topic. */
export interface CutoverSettings extends ConsumerSettings {
  readonly source: DatabaseSettings;
}

/** Settings of `cutover`. Throws one `usage` error that names everything wrong. */
export function loadCutoverSettings(given: SettingsInput | Sources, own?: OwnPlace): Loaded<CutoverSettings> {
  const { input, layers: read, findings } = sourcesFor("consumer", given);
  const layers = own === undefined ? read : withOwnPlace(read, own, findings);
  readLog(layers, input, findings);
  const consumer = parseConsumer(layers, input, findings);
  const source = parseSource(layers, input, findings) ?? consumer?.database ?? null;
  const settings = consumer === null || source === null ? null : { ...consumer, source };
  return { settings: findings.settle(settings, seeOrigins("consumer")), notices: findings.notices };
}

/** SOURCE_DATABASE_URL is read as DATABASE_URL is; null where nobody gave one. */
function parseSource(
  layers: readonly Layer[],
  input: SettingsInput,
  findings: Findings,
): DatabaseSettings | null {
  const source = layers.map((layer) =>
    layer.filter(({ id }) => id === "sourceUrl").map((given) => ({ ...given, id: "databaseUrl" as const })),
  );
  return source.flat().length === 0 ? null : parseDatabase(source, input, findings);
}
