import type { KubernetesSettings } from "../config/parts.ts";
import { ClusterflowError } from "../core/errors.ts";
import { uidOf } from "../streams/cluster-info/identity.ts";
import type { ClusterIdentity } from "../streams/cluster-info/compose.ts";
import type { Answer } from "./answer.ts";
import type { KubernetesClient } from "./client.ts";
import type { Connection } from "./connection.ts";
import { usageError } from "./usage-error.ts";

/**
 * Which cluster this is: the uid of its kube-system namespace, which outlives every renaming of contexts and
 * hosts, unless the settings name it. Throws `usage` when it cannot be known.
 */
export async function readIdentity(
  client: KubernetesClient,
  connection: Connection,
  settings: KubernetesSettings,
  collector: string,
): Promise<ClusterIdentity> {
  const cluster = settings.clusterId ?? (await kubeSystemUid(client, connection));
  const serverVersion = await gitVersion(client);
  const { origin, pathname } = connection.server;
  return {
    cluster,
    clusterName: settings.clusterName ?? connection.name,
    server: `${origin}${pathname === "/" ? "" : pathname}`,
    serverVersion,
    collector,
  };
}

async function kubeSystemUid(client: KubernetesClient, connection: Connection): Promise<string> {
  const path = "/api/v1/namespaces/kube-system";
  const answer = await client.get({ path: () => path });
  if (answer.kind === "failure") throw notKubernetes(connection, answer.reason);
  const uid = answer.kind === "ok" ? uidOf(answer.body) : "";
  if (uid !== "") return uid;
  throw usageError(
    `the cluster behind ${connection.server.host} cannot be identified: its kube-system namespace ${unreadable(answer)}`,
    "allow `get` on that namespace, or name the cluster with --cluster-id",
  );
}

function unreadable(answer: Exclude<Answer, { kind: "failure" }>): string {
  if (answer.kind === "ok") return "has no uid";
  return `cannot be read (${answer.httpStatus}: ${answer.message})`;
}

/** Worth a line in the record, not worth a failed snapshot. */
async function gitVersion(client: KubernetesClient): Promise<string> {
  const answer = await client.get({ path: () => "/version" });
  const version = answer.kind === "ok" ? answer.body["gitVersion"] : null;
  return typeof version === "string" ? version : "unknown";
}

function notKubernetes(connection: Connection, reason: string): ClusterflowError {
  return new ClusterflowError(
    `${connection.server.host} does not answer as a Kubernetes API server: ${reason}`,
    {
      code: "unreachable",
      hint: `check the address: curl -k ${connection.server.origin}/version`,
    },
  );
}
