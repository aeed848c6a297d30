import { type Group, KNOWN_NAMES, settingOf } from "./catalogue.ts";
import type { Environment } from "./env.ts";
import type { Findings } from "./findings.ts";
import { assertNever } from "../core/never.ts";
import type { CollectorMode } from "./mode.ts";
import { type Given, isServiceLink, type Layer } from "./sources/layers.ts";

/**
 * The rule of the two modes: a collector that writes to Kafka has no database, and one that writes to the database
 * has no Kafka. Here only the names of what was given are known; no value is looked at.
 */
export function refuseDatabase(layers: readonly Layer[], isAllowed: boolean, findings: Findings): void {
  const offending = givenOf(REFUSED["hybrid-kafka"], layers);
  if (offending.length === 0) return;
  if (isAllowed) {
    const names = [...new Set(offending.map(({ name }) => name))].join(", ");
    findings.notice(`--allow-database-env: these database settings were given and are not read: ${names}`);
    return;
  }
  findings.problem(
    refusal("a collector in mode hybrid-kafka writes to Kafka only and takes no database setting", offending),
    "remove them, or start with --allow-database-env, which still does not read them",
  );
}

/** The mirror. KAFKA_ENABLED is not among them: it names the mode. */
export function refuseKafka(layers: readonly Layer[], findings: Findings): void {
  const offending = givenOf(REFUSED.legacy, layers);
  if (offending.length === 0) return;
  findings.problem(
    refusal("a collector in mode legacy writes to PostgreSQL only and takes no Kafka setting", offending),
    "remove them, or collect through Kafka: clusterflow setup --mode hybrid-kafka",
  );
}

/** Variables of this environment for which a collector in `mode` would not start. */
export function refusedIn(environment: Environment, mode: CollectorMode): readonly string[] {
  const groups: readonly Group[] = REFUSED[mode];
  return [...KNOWN_NAMES]
    .filter(([, { id }]) => groups.includes(settingOf(id).group))
    .map(([name]) => name)
    .filter((name) => environment[name] !== undefined && !isServiceLink(name, environment[name]));
}

const REFUSED: Readonly<Record<CollectorMode, readonly Group[]>> = {
  "hybrid-kafka": ["database", "source"],
  legacy: ["kafka", "consumer"],
};

function givenOf(groups: readonly Group[], layers: readonly Layer[]): Given[] {
  return layers.flat().filter((given) => groups.includes(settingOf(given.id).group));
}

function refusal(why: string, offending: readonly Given[]): string {
  return [`${why}; refused:`, ...offending.map((given) => `  ${wayOut(given)}`)].join("\n");
}

function wayOut({ name, origin }: Given): string {
  switch (origin.kind) {
    case "flag":
      return `${name} on the command line: leave it out`;
    case "environment":
      return `${name} in the environment: unset ${name}`;
    case "file":
      return `${name} in ${origin.path}, line ${origin.line}: remove the line`;
    default:
      return assertNever(origin);
  }
}
