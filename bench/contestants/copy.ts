import { spawn } from "node:child_process";
import { once } from "node:events";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import type { Store, TablesOfRun } from "../measure/store.ts";
import type { Contestant, Ready, Started } from "./contestant.ts";

/** psql's COPY of files, one table after the other: what PostgreSQL does when nobody promises anything. */
export function copy(
  name: string,
  tables: TablesOfRun,
  files: (store: Store) => Promise<string[]>,
): Contestant {
  return {
    name,
    tables,
    async ready(store): Promise<Ready> {
      const paths = await files(store);
      const commands = store.tables.map((table, at) => `\\copy ${table} FROM '${paths[at]!}'`);
      return {
        start: () => Promise.resolve(startPsql(store.settings, commands)),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  };
}

function startPsql(settings: DatabaseSettings, commands: readonly string[]): Started {
  const words = ["\\timing on", ...commands].flatMap((command) => ["-c", command]);
  const child = spawn("psql", ["-X", "-v", "ON_ERROR_STOP=1", ...words], {
    env: { PATH: process.env["PATH"], ...environmentOf(settings) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const closed = once(child, "close");
  return {
    pid: child.pid!,
    async copySeconds() {
      await closed;
      return (
        [...said.matchAll(/^Time: ([\d.]+) ms/gm)].reduce((total, [, ms]) => total + Number(ms), 0) / 1000
      );
    },
  };
}

function environmentOf({ host, port, database, user, password }: DatabaseSettings): Record<string, string> {
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: user,
    PGPASSWORD: password ?? "",
  };
}
