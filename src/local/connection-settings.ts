import { ClusterflowError } from "../core/errors.ts";
import type { StackState } from "./state.ts";

export const ENV_FORMATS = ["env", "shell", "json"] as const;
export type EnvFormat = (typeof ENV_FORMATS)[number];

/** Which settings: a collector in Kafka mode refuses those of a database, so they can be left out. */
export const ENV_PARTS = ["kafka", "database", "cluster"] as const;
export type EnvPart = (typeof ENV_PARTS)[number];

/** The settings with which clusterflow's other commands reach a local stack. */
export function connectionSettings(
  state: StackState,
  parts: readonly EnvPart[],
): Readonly<Record<string, string>> {
  const { database } = state;
  const all: Readonly<Record<EnvPart, Readonly<Record<string, string>>>> = {
    kafka: { KAFKA_BROKERS: state.brokers.join(",") },
    database: {
      DATABASE_HOST: database.host,
      DATABASE_PORT: String(database.port),
      DATABASE_NAME: database.database,
      DATABASE_USER: database.user,
      DATABASE_PASSWORD: database.password,
      // The server has no certificate, and nothing leaves the machine.
      DATABASE_SSLMODE: "disable",
    },
    cluster: state.clusterUrl === null ? {} : { CLUSTERFLOW_KUBE_SERVER: state.clusterUrl },
  };
  return Object.fromEntries(parts.flatMap((part) => Object.entries(all[part])));
}

/** `env` and `shell` can be sourced; `shell` exports as it does. */
export function renderSettings(settings: Readonly<Record<string, string>>, format: EnvFormat): string {
  if (format === "json") return `${JSON.stringify(settings, null, 2)}\n`;
  const prefix = format === "shell" ? "export " : "";
  return Object.entries(settings)
    .map(([key, value]) => `${prefix}${key}=${quote(value)}\n`)
    .join("");
}

/** Reads `--only kafka,cluster`. */
export function parseEnvParts(text: string): readonly EnvPart[] {
  return text.split(",").map((word) => {
    const part = ENV_PARTS.find((each) => each === word.trim());
    if (part !== undefined) return part;
    throw new ClusterflowError(`--only takes ${ENV_PARTS.join(", ")}, not "${word}".`, {
      code: "usage",
      hint: "clusterflow local env --only kafka,cluster",
    });
  });
}

/** For a shell: nothing to do for most values, single quotes for the others. */
function quote(value: string): string {
  return /^[\w@%+:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
