import { ClusterflowError } from "../../core/errors.ts";
import { withDatabaseUrl } from "../database-layers.ts";
import { Findings } from "../findings.ts";
import type { Found } from "../sources/resolve.ts";
import { openLayers, type SettingsInput } from "../sources/layers.ts";
import { resolveValues, type Values } from "../sources/resolve.ts";
import type { LocalAnswers, SetupMode } from "./answers.ts";
import type { Asker } from "./asker.ts";

/** What a setup starts from. */
export interface SetupInput extends Pick<SettingsInput, "flags" | "environment" | "directory"> {
  /** Env files that this setup would replace; their values are offered again to whoever is asked. */
  readonly existing: readonly string[];
  /** `--yes`: what has a default is not asked. */
  readonly takesDefaults: boolean;
  readonly local: LocalAnswers | null;
  /** Given with `--db-password-stdin`. */
  readonly passwordFromStdin: string | null;
}

export type SetupValues = Values<"kafka" | "consumer" | "database" | "kubernetes" | "collector">;
type SetupSetting = Parameters<SetupValues["find"]>[0];

/** What the steps of gathering share. */
export interface Gathering {
  readonly input: SetupInput;
  readonly mode: SetupMode;
  /** Null when nobody can be asked. */
  readonly asker: Asker | null;
  /** From flags and environment. */
  readonly given: SetupValues;
  /** From the files that are to be replaced; null when nobody is asked. */
  readonly known: SetupValues | null;
  /** The stack whose addresses are to be used. */
  readonly local: LocalAnswers | null;
  readonly findings: Findings;
  /** Flags for what nobody could be asked. */
  readonly missing: string[];
}

/** Reads what was given, and asks whether a local stack that runs is meant. */
export async function beginGathering(
  input: SetupInput,
  mode: SetupMode,
  asker: Asker | null,
): Promise<Gathering> {
  const findings = new Findings();
  // an end-to-end run is about the local stack: addresses that lie around in a shell must not pull it elsewhere
  const environment = mode === "e2e" ? {} : input.environment;
  const given = valuesFrom({ ...input, environment, envFiles: [] }, findings);
  refuseForeignFlags(input, mode, findings);
  findings.settle(given, HINT);
  const local = await chooseLocal(input, asker);
  const files = { flags: {}, environment: {}, directory: input.directory, envFiles: input.existing };
  // what is wrong in files that are about to be replaced is nobody's concern
  const known = asker === null || input.existing.length === 0 ? null : valuesFrom(files, new Findings());
  return { input, mode, asker, given, known, local, findings, missing: [] };
}

/** Throws one `usage` error with every flag that is missing or wrong. */
export function endGathering({ findings, missing, input }: Gathering): void {
  if (missing.length > 0)
    findings.problem(`nobody can be asked here, and these answers are missing: ${missing.join(", ")}`);
  findings.settle(true, input.takesDefaults ? HINT : `${HINT}, and --yes takes the defaults`);
}

const HINT = "give the flags that are named; clusterflow setup --help lists all of them";

/** What a flag or the environment says; null when neither does. */
export function givenText(gathering: Gathering, id: SetupSetting): string | null {
  return textOf(gathering.given.find(id));
}

/** What a file says that is to be replaced. */
export function knownText(gathering: Gathering, id: SetupSetting): string | null {
  return textOf(gathering.known?.find(id) ?? null);
}

function textOf(found: Found | null): string | null {
  return found?.given ? found.text : null;
}

/** libpq's own variables are left out: a file would freeze what is meant for this shell. */
function valuesFrom(input: SettingsInput, findings: Findings): SetupValues {
  const layers = withDatabaseUrl(openLayers(input, [], findings).slice(0, -1), findings);
  return resolveValues(layers, ["kafka", "consumer", "database", "kubernetes", "collector"], findings);
}

async function chooseLocal(
  { local, takesDefaults, flags }: SetupInput,
  asker: Asker | null,
): Promise<LocalAnswers | null> {
  if (local === null || asker === null || takesDefaults) return local;
  // whoever names a server means that one
  if (["brokers", "dbHost", "databaseUrlFile"].some((flag) => flags[flag] !== undefined)) return null;
  const { host, port } = local.database;
  const question = `A local stack runs (Kafka ${local.brokers.join(",")}, PostgreSQL ${host}:${port}). Use it?`;
  return (await asker.confirm(question, true)) ? local : null;
}

function refuseForeignFlags({ flags }: SetupInput, mode: SetupMode, findings: Findings): void {
  for (const key of FOREIGN[mode].filter((name) => flags[name] !== undefined)) {
    findings.problem(`--${key} has no meaning in mode ${mode}`);
  }
}

const FOREIGN: Readonly<Record<SetupMode, readonly string[]>> = {
  legacy: ["brokers", "topic", "group", "cluster"],
  "hybrid-kafka": ["cluster"],
  e2e: [],
};

export function usage(message: string, hint: string): ClusterflowError {
  return new ClusterflowError(message, { code: "usage", hint });
}
