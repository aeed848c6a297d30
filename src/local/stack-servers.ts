import { join } from "node:path";
import { assertNever } from "../core/never.ts";
import { LAYOUT } from "./folders.ts";
import type { ServerKind, StateFile } from "./state.ts";

/** One of the servers that a stack consists of, whether it runs or not. */
export interface StackServer {
  /** `postgres`, `kafka` (or `kafka-1` to `kafka-3`), `cluster`. */
  readonly name: string;
  readonly kind: ServerKind;
  readonly port: number;
  /** Kafka's node id; 1 for the others. */
  readonly node: number;
}

/** The servers that belong to a stack, in the order in which people read them. */
export function serversOf(file: Pick<StateFile, "ports" | "cluster">): readonly StackServer[] {
  const { postgres, kafka, cluster } = file.ports;
  const brokers = kafka.map((port, at): StackServer => ({
    name: brokerName(at + 1, kafka.length),
    kind: "kafka",
    port,
    node: at + 1,
  }));
  const servers: StackServer[] = [
    { name: "postgres", kind: "postgres", port: postgres, node: 1 },
    ...brokers,
  ];
  if (file.cluster !== null && cluster !== null) {
    servers.push({ name: "cluster", kind: "cluster", port: cluster, node: 1 });
  }
  return servers;
}

export function brokerName(node: number, brokers: number): string {
  return brokers === 1 ? "kafka" : `kafka-${node}`;
}

/** How people call it. */
export function titleOf(kind: ServerKind): string {
  switch (kind) {
    case "postgres":
      return "PostgreSQL";
    case "kafka":
      return "Kafka";
    case "cluster":
      return "Kubernetes API";
    default:
      return assertNever(kind);
  }
}

export function logPath(dataDir: string, name: string): string {
  return join(dataDir, LAYOUT.logs, `${name}.log`);
}
