import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { KNOWN_NAMES, settingOf } from "./catalogue.ts";
import { Findings } from "./findings.ts";
import { readEnvFile } from "./sources/env-file.ts";

/** Who reads the settings. `database` are the commands that speak to the database alone. */
export const ROLES = ["collector", "consumer", "ingest", "database"] as const;
export type Role = (typeof ROLES)[number];

/** The files that the wizard writes and that are read when no env file is named; below the current directory. */
export const COLLECTOR_FILE = "env/.env.hybrid";
export const CONSUMER_FILE = "env/.env.hybrid-consumer";
const INGEST_FILE = "env/.env.ingest";

export function defaultFiles(role: Role, directory: string): readonly string[] {
  switch (role) {
    case "collector":
      return [COLLECTOR_FILE];
    case "consumer":
      return [CONSUMER_FILE];
    case "ingest":
      return [INGEST_FILE];
    case "database":
      // the collector's file in legacy mode, the consumer's with Kafka, where the collector's has no such line
      return [COLLECTOR_FILE, CONSUMER_FILE, INGEST_FILE]
        .filter((path) => mayHoldDatabase(directory, path))
        .slice(0, 1);
  }
}

/** The next step when settings are wrong. */
export function seeOrigins(role: Role): string {
  return `clusterflow config show --role ${role} --origin tells where every value comes from`;
}

function mayHoldDatabase(directory: string, path: string): boolean {
  if (!existsSync(resolve(directory, path))) return false;
  const file = readEnvFile(directory, path, new Findings());
  const isDatabase = (name: string): boolean => {
    const known = KNOWN_NAMES.get(name);
    return known !== undefined && settingOf(known.id).group === "database";
  };
  return !file.isReadable || file.lines.some(({ name }) => isDatabase(name));
}
