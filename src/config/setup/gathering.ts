import { ClusterflowError } from "../../core/errors.ts";
import { settingOf } from "../catalogue.ts";
import { Findings } from "../findings.ts";
import { KAFKA_SECURITY_IDS } from "../kafka-security.ts";
import { dashed, type SettingsInput } from "../sources/layers.ts";
import type { LocalAnswers, SetupMode } from "./answers.ts";
import type { Asker } from "./asker.ts";
import { type LocalServers, NO_SERVERS, serversByDefault } from "./local-servers.ts";
import { type Sources, valuesFrom } from "./sources.ts";

/** What a setup starts from. */
export interface SetupInput extends Pick<SettingsInput, "flags" | "environment" | "directory"> {
  /** Env files that this setup would replace; what they say counts more than defaults. A later one counts more. */
  readonly existing: readonly string[];
  /** `--yes`: what has a default is not asked. */
  readonly takesDefaults: boolean;
  readonly local: LocalAnswers | null;
  /** Given with `--db-password-stdin`. */
  readonly passwordFromStdin: string | null;
}

/** What the steps of gathering share. */
export interface Gathering extends Sources {
  readonly input: SetupInput;
  readonly mode: SetupMode;
  /** Null when nobody can be asked. */
  readonly asker: Asker | null;
  readonly local: LocalServers;
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
  const files = { flags: {}, environment: {}, directory: input.directory, envFiles: input.existing };
  // what is wrong in files that are about to be replaced is nobody's concern
  const known = valuesFrom(files, new Findings());
  const local = await chooseLocal(input, mode, { given, known }, asker);
  return { input, mode, asker, given, known, local, findings, missing: [] };
}

/** Throws one `usage` error with every flag that is missing or wrong. */
export function endGathering({ findings, missing, input }: Gathering): void {
  if (missing.length > 0)
    findings.problem(`nobody can be asked here, and these answers are missing: ${missing.join(", ")}`);
  findings.settle(true, input.takesDefaults ? HINT : `${HINT}, and --yes takes the defaults`);
}

const HINT = "give the flags that are named; clusterflow setup --help lists all of them";

async function chooseLocal(
  { local, takesDefaults, flags }: SetupInput,
  mode: SetupMode,
  sources: Sources,
  asker: Asker | null,
): Promise<LocalServers> {
  if (local === null) return NO_SERVERS;
  if (mode === "e2e") return local;
  if (asker === null || takesDefaults) return serversByDefault(local, sources);
  // whoever names a server means that one
  if (["brokers", "dbHost", "databaseUrlFile"].some((flag) => flags[flag] !== undefined)) return NO_SERVERS;
  const { host, port } = local.database;
  const question = `A local stack runs (Kafka ${local.brokers.join(",")}, PostgreSQL ${host}:${port}). Use it?`;
  return (await asker.confirm(question, true)) ? local : NO_SERVERS;
}

function refuseForeignFlags({ flags }: SetupInput, mode: SetupMode, findings: Findings): void {
  for (const key of FOREIGN[mode].filter((name) => flags[name] !== undefined)) {
    findings.problem(`${dashed(key)} has no meaning in mode ${mode}`);
  }
}

const SECURITY = KAFKA_SECURITY_IDS.map((id) => {
  const { flag = "", secret } = settingOf(id);
  return secret === true ? `${flag}File` : flag;
});

const FOREIGN: Readonly<Record<SetupMode, readonly string[]>> = {
  legacy: ["brokers", "topic", "group", "cluster", ...SECURITY],
  "hybrid-kafka": ["cluster"],
  e2e: SECURITY,
};

export function usage(message: string, hint: string): ClusterflowError {
  return new ClusterflowError(message, { code: "usage", hint });
}
