import type { JsonObject } from "../../../src/core/json.ts";
import { type KindOutcome, SnapshotComposer } from "../../../src/streams/cluster-info/compose.ts";
import { type KindRef, KINDS } from "../../../src/streams/cluster-info/kinds.ts";
import type { Decoded, OutgoingMessage } from "../../../src/streams/define.ts";
import { clusterInfo } from "../../../src/streams/cluster-info/stream.ts";

const IDENTITY = {
  cluster: "c-1",
  clusterName: "one",
  server: "https://k:6443",
  serverVersion: "v1.35.4",
  collector: "clusterflow 0.1.0",
};

const READ: KindOutcome = {
  status: "complete",
  reason: null,
  httpStatus: 200,
  revision: "370",
  consistency: "cut",
  pages: 1,
  durationMs: 12.5,
};

export function kindOf(resource: string): KindRef {
  const kind = KINDS.find((known) => known.resource === resource);
  if (kind === undefined) throw new TypeError(`no kind has the resource ${resource}`);
  return kind;
}

/** A document with no more than a name. */
export function named(name: string, more: JsonObject = {}): JsonObject {
  const metadata = { name, namespace: "shop", uid: `uid-${name}`, creationTimestamp: "2026-01-02T03:04:05Z" };
  return { metadata, ...more };
}

/** The messages of a snapshot that read these objects, from its beginning to its manifest. */
export function composed(
  kinds: Readonly<Record<string, readonly JsonObject[]>>,
  maxMessageBytes = 1_048_588,
): readonly OutgoingMessage[] {
  const composer = new SnapshotComposer(IDENTITY, maxMessageBytes);
  const begin = composer.begin();
  const pieces = Object.entries(kinds).flatMap(([resource, documents]) => {
    const kind = kindOf(resource);
    return [...composer.objects(kind, documents), ...composer.endKind(kind, READ)];
  });
  return [begin, ...pieces, composer.end().message];
}

export function decoded(message: OutgoingMessage): Decoded {
  return clusterInfo.decode({
    key: Buffer.from(message.key),
    value: Buffer.from(message.value),
    timestamp: 1_767_225_600_000,
  });
}

/** The rows of messages of which every one must be accepted. */
export function rowsOf(messages: readonly OutgoingMessage[]): readonly JsonObject[] {
  return messages.flatMap((message) => {
    const verdict = decoded(message);
    if (verdict.kind !== "rows")
      throw new TypeError(verdict.kind === "rejected" ? verdict.reason : verdict.kind);
    return verdict.rows;
  });
}
