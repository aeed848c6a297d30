import type { ServerResponse } from "node:http";
import type { Report } from "../../src/core/report.ts";
import { loadConnection } from "../../src/kubernetes/connection.ts";
import { readSnapshot, type SnapshotOptions } from "../../src/kubernetes/source.ts";
import { KINDS } from "../../src/streams/cluster-info/kinds.ts";
import {
  type ClusterInfoMessage,
  clusterInfoMessage,
  type Manifest,
} from "../../src/streams/cluster-info/messages.ts";
import type { OutgoingMessage } from "../../src/streams/define.ts";
import {
  type ApiServer,
  kubernetesSettings,
  replay,
  type Seen,
  sendJson,
  sendNotFound,
  serve,
} from "./api-server.ts";

export const CLUSTER = "5f0c2a0e-0000-4000-8000-00000000c1e5";

type Handler = (seen: Seen, response: ServerResponse) => void;

/** A server of a whole cluster: what the test does not give is an empty list at `revision`. */
export async function serveCluster(
  given: Readonly<Record<string, Handler>>,
  revision = "370",
): Promise<ApiServer> {
  const known: Record<string, Handler> = {
    "/readyz": (_, response) => response.end("ok"),
    "/version": (_, response) => replay(response, "g8-version"),
    "/api/v1/namespaces/kube-system": (_, response) =>
      sendJson(response, { kind: "Namespace", metadata: { name: "kube-system", uid: CLUSTER } }),
  };
  for (const { group, version, resource, kind } of KINDS) {
    const path = group === "" ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`;
    known[path] = (_, response) =>
      sendJson(response, { kind: `${kind}List`, metadata: { resourceVersion: revision }, items: [] });
  }
  const handlers = { ...known, ...given };
  return serve((seen, response) =>
    (handlers[seen.path] ?? ((_, missing) => sendNotFound(missing)))(seen, response),
  );
}

export interface Snapshot {
  readonly messages: readonly OutgoingMessage[];
  readonly decoded: readonly ClusterInfoMessage[];
  readonly reports: readonly Report[];
  readonly manifest: Manifest | null;
  readonly error: unknown;
}

/** Reads one snapshot to its end, whatever the end is. */
export async function snapshotOf(
  server: ApiServer,
  options: Partial<SnapshotOptions> = {},
  settings: Parameters<typeof kubernetesSettings>[0] = {},
): Promise<Snapshot> {
  const messages: OutgoingMessage[] = [];
  const reports: Report[] = [];
  const given = kubernetesSettings({ server: server.url, pageSize: 2, ...settings });
  let manifest: Manifest | null = null;
  let error: unknown = null;
  try {
    manifest = await readSnapshot({
      connection: await loadConnection(given, {}),
      settings: given,
      composerLimit: 900_000,
      deliver: (delivered) => {
        messages.push(...delivered);
        return Promise.resolve();
      },
      tell: (report) => void reports.push(report),
      signal: new AbortController().signal,
      giveUpAfterMs: 10_000,
      collector: "clusterflow/test",
      ...options,
    });
  } catch (thrown) {
    error = thrown;
  }
  const decoded = messages.map(({ value }) => clusterInfoMessage.parse(JSON.parse(value)));
  return { messages, decoded, reports, manifest, error };
}

export function typesOf(snapshot: Snapshot): readonly string[] {
  return snapshot.decoded.map(({ type }) => type);
}
