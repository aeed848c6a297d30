import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ClusterflowError } from "../core/errors.ts";
import { LAYOUT } from "./folders.ts";

export interface LogFile {
  /** The server's name: `postgres`, `kafka`, `kafka-2`, `cluster`. */
  readonly name: string;
  readonly path: string;
}

/** The logs in a data folder, of all servers or of those meant by a name; `kafka` means every broker. */
export function logFiles(dataDir: string, name: string | null): readonly LogFile[] {
  const folder = join(dataDir, LAYOUT.logs);
  const all = entries(folder)
    .filter((entry) => entry.endsWith(".log") && !entry.startsWith("kafka-crash"))
    .map((entry) => ({ name: entry.replace(/\.log$/, ""), path: join(folder, entry) }));
  const meant = all.filter((log) => name === null || log.name === name || log.name.startsWith(`${name}-`));
  if (meant.length > 0) return meant;
  const what = name === null ? "no logs" : `no log of "${name}"`;
  const others = all.length === 0 ? "" : `; there are ${all.map((log) => log.name).join(", ")}`;
  throw new ClusterflowError(`There is ${what} in ${folder}${others}.`, {
    code: "usage",
    hint: all.length === 0 ? "clusterflow local start" : `clusterflow local logs ${all[0]?.name ?? ""}`,
  });
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
