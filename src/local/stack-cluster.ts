import type { Tell } from "../core/report.ts";
import { endServer } from "./end-server.ts";
import { isRunning } from "../machine/process-identity.ts";
import type { StackOptions } from "./stack-options.ts";
import type { ClusterSpec, ServerRecord, StateFile } from "./state.ts";

/** The simulated cluster that a start makes part of the stack. */
export function chosenCluster({ cluster }: StackOptions, before: StateFile | null): ClusterSpec | null {
  return cluster === "none" ? null : (cluster ?? before?.cluster ?? null);
}

/** Nobody should wonder where a server comes from that this command did not name. */
export function tellCluster(options: StackOptions, { cluster, servers }: StateFile, tell: Tell): void {
  const isComing =
    options.cluster === null && !servers.some((each) => each.kind === "cluster" && isRunning(each));
  if (cluster === null || !isComing) return;
  const spec = `synthetic:${cluster.objects}:${cluster.seed}`;
  tell({
    kind: "notice",
    text: `With the simulated cluster it had before, ${spec}; --cluster none leaves it out`,
  });
}

/** Ends the simulated cluster when it runs; the stack without it. */
export async function withoutCluster(file: StateFile): Promise<StateFile> {
  const isCluster = ({ kind }: ServerRecord): boolean => kind === "cluster";
  await Promise.all(file.servers.filter(isCluster).map(endServer));
  return { ...file, cluster: null, servers: file.servers.filter((server) => !isCluster(server)) };
}
