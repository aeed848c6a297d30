import type { KubernetesSettings } from "../../src/config/parts.ts";
import { loadConnection } from "../../src/kubernetes/connection.ts";
import { readSnapshot } from "../../src/kubernetes/source.ts";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import { uidOf } from "../../src/streams/cluster-info/identity.ts";
import {
  clusterInfoMessage,
  type KindResult,
  type Manifest,
} from "../../src/streams/cluster-info/messages.ts";
import type { OutgoingMessage } from "../../src/streams/define.ts";

const NOTHING: KubernetesSettings = {
  kubeconfig: [],
  context: null,
  server: null,
  token: null,
  caFile: null,
  insecureSkipTlsVerify: false,
  clusterId: null,
  clusterName: null,
  // small, so that a list of two dozen has several pages
  pageSize: 10,
};

/** What a collector sent. */
export interface Collected {
  readonly manifest: Manifest;
  readonly messages: readonly OutgoingMessage[];
  /** Documents by the plural name of their kind. */
  readonly documents: ReadonlyMap<string, readonly JsonObject[]>;
}

/** Takes one snapshot with the collector, as the flows do. */
export async function collect(settings: Partial<KubernetesSettings>): Promise<Collected> {
  const all = { ...NOTHING, ...settings };
  const messages: OutgoingMessage[] = [];
  const manifest = await readSnapshot({
    connection: await loadConnection(all, {}),
    settings: all,
    composerLimit: 1024 * 1024,
    deliver: (some) => {
      messages.push(...some);
      return Promise.resolve();
    },
    tell: () => undefined,
    signal: new AbortController().signal,
    giveUpAfterMs: 5000,
    collector: "contract",
  });
  return { manifest, messages, documents: documentsIn(messages) };
}

function documentsIn(messages: readonly OutgoingMessage[]): Map<string, JsonObject[]> {
  const documents = new Map<string, JsonObject[]>();
  for (const { value } of messages) {
    const message = clusterInfoMessage.parse(JSON.parse(value));
    if (message.type !== "objects" || typeof message.items === "string") continue;
    documents.set(message.resource, [
      ...(documents.get(message.resource) ?? []),
      ...message.items.filter(isJsonObject),
    ]);
  }
  return documents;
}

export function uidsOf({ documents }: Collected, resource: string): string[] {
  return (documents.get(resource) ?? []).map(uidOf).sort();
}

export function resultOf({ manifest }: Collected, resource: string): KindResult {
  const result = manifest.kinds.find((kind) => kind.resource === resource);
  if (result === undefined) throw new Error(`the manifest says nothing of ${resource}`);
  return result;
}
