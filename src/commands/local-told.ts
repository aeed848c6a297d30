import type { StackStatus } from "../local/stack-status.ts";
import type { StartedStack } from "../local/start-stack.ts";
import { asTyped } from "../terminal/as-typed.ts";
import { print, remark } from "../terminal/streams.ts";
import { table } from "../terminal/table.ts";

/** `flag` names the folder in the next commands. */
export function tellStarted(stack: StartedStack, begun: number, flag: string): void {
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  if (stack.started.length === 0) remark("The local stack is running already.");
  else remark(`Started ${stack.started.join(", ")} in ${seconds} s.`);
  const { database, cluster } = stack;
  const rows = [
    [
      "PostgreSQL",
      `${database.host}:${database.port}`,
      `database ${database.database}, user ${database.user}`,
    ],
    ["Kafka", stack.brokers.join(","), stack.brokers.length === 1 ? "" : "everything replicated"],
    ...(stack.clusterUrl === null || cluster === null
      ? []
      : [
          ["Kubernetes API", stack.clusterUrl, `simulated, ${cluster.objects} objects, seed ${cluster.seed}`],
        ]),
    ["data", stack.dataDir, stack.ephemeral ? "deleted by stop" : ""],
  ];
  print(table(["server", "address", ""], rows));
  remark(asTyped(`\nnext: clusterflow local env${flag}     settings for the other commands`));
  remark(asTyped(`      clusterflow local stop${flag}    ends what was started here`));
}

export function tellStatus(status: StackStatus, flag: string): void {
  const rows = status.servers.map((server) => {
    const what = `${server.title} ${server.version ?? ""}, pid ${server.pid ?? 0}`;
    return [server.name, server.up ? "up" : "DOWN", server.address, server.reason ?? what];
  });
  print(table(["server", "state", "address", ""], rows));
  remark(`data: ${status.dataDir}`);
  if (!status.up) remark(asTyped(`next: clusterflow local start${flag}`));
}
