import type { StackStatus } from "./stack-status.ts";
import type { StackState } from "./state.ts";

/** What `start` has to show: addresses, folder, and what to type next. */
export function startedText(state: StackState, dataDirFlag: string): string {
  const { database, servers } = state;
  const versionOf = (kind: string): string => servers.find((server) => server.kind === kind)?.version ?? "";
  const rows: [string, string][] = [
    [
      `PostgreSQL ${versionOf("postgres")}`,
      `${database.host}:${database.port}  database ${database.database}, user ${database.user}`,
    ],
    [`Kafka ${versionOf("kafka")}`, state.brokers.join(", ")],
  ];
  if (state.clusterUrl !== null) {
    const { objects, seed } = state.cluster ?? { objects: 0, seed: 0 };
    rows.push(["Kubernetes API", `${state.clusterUrl}  simulated, ${objects} objects, seed ${seed}`]);
  }
  rows.push(["Data", state.ephemeral ? `${state.dataDir}  deleted by stop` : state.dataDir]);
  const next = ["env", "status", "stop"].map((verb) => `clusterflow local ${verb}${dataDirFlag}`);
  return `${aligned(rows)}\nSettings  ${next[0] ?? ""}\nState     ${next[1] ?? ""}\nEnd       ${next[2] ?? ""}\n`;
}

/** One line a server. */
export function statusText(status: StackStatus): string {
  const rows = status.servers.map((server) => [
    server.name,
    server.up ? "up" : "DOWN",
    server.address,
    server.up ? `${server.title} ${server.version ?? ""}, pid ${server.pid ?? "?"}` : (server.reason ?? ""),
  ]);
  return `${aligned(rows)}\nData  ${status.dataDir}\n`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)), []);
  return rows.map((row) => `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()}\n`).join("");
}
