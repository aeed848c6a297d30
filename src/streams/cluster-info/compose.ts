import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { addDigests, digestTerm, formatDigest, hashOf } from "../../core/digest.ts";
import { exactText } from "../../core/exact-json.ts";
import type { JsonObject } from "../../core/json.ts";
import type { OutgoingMessage } from "../define.ts";
import { uidOf } from "./identity.ts";
import type { KindRef } from "./kinds.ts";
import type { ClusterInfoMessage, Consistency, KindResult, KindStatus, Manifest } from "./messages.ts";

/** Bytes of one `objects` message at most, whatever the topic would allow; DESIGN section 5. */
export const CHUNK_BYTES = 512 * 1024;
/** Room for the key, the headers and the fields around `items`. */
const ENVELOPE_BYTES = 2048;

/** What is known of the cluster before the first list. */
export interface ClusterIdentity {
  /** uid of the kube-system namespace, or what the person named. */
  readonly cluster: string;
  readonly clusterName: string;
  readonly server: string;
  readonly serverVersion: string;
  readonly collector: string;
}

/** How the reading of one kind ended. */
export interface KindOutcome {
  readonly status: KindStatus;
  readonly reason: string | null;
  readonly httpStatus: number | null;
  readonly revision: string | null;
  readonly consistency: Consistency;
  readonly pages: number;
  readonly durationMs: number;
}

/**
 * Turns one snapshot into its messages, page by page: nothing but the chunk being filled is kept. The caller
 * sends what each call returns, in order, before the next call. A snapshot whose `end` is never sent is never
 * applied, so stopping anywhere is safe.
 */
export class SnapshotComposer {
  readonly snapshot = randomUUID();
  readonly #identity: ClusterIdentity;
  readonly #limit: number;
  readonly #startedAt = new Date().toISOString();
  readonly #kinds: KindResult[] = [];
  #parts = 0;
  #chunk: string[] = [];
  #chunkBytes = 0;
  #objects = 0;
  #digest = 0n;
  #tooLarge: string[] = [];

  /** `maxMessageBytes` is the sink's own limit, key and headers included. */
  constructor(identity: ClusterIdentity, maxMessageBytes: number) {
    this.#identity = identity;
    this.#limit = Math.min(CHUNK_BYTES, maxMessageBytes) - ENVELOPE_BYTES;
  }

  begin(): OutgoingMessage {
    return this.#message({
      type: "snapshot.begin",
      ...this.#common(),
      part: this.#nextPart(),
      clusterName: this.#identity.clusterName,
      server: this.#identity.server,
      serverVersion: this.#identity.serverVersion,
      startedAt: this.#startedAt,
      collector: this.#identity.collector,
    });
  }

  /** Adds objects of one kind; returns the chunks that became full. */
  objects(kind: KindRef, documents: readonly JsonObject[]): OutgoingMessage[] {
    const full: OutgoingMessage[] = [];
    for (const document of documents) {
      const text = exactText(document);
      const bytes = Buffer.byteLength(text) + 1;
      if (this.#chunkBytes + bytes > this.#limit) full.push(...this.#flush(kind));
      if (bytes > this.#limit) full.push(...this.#packed(kind, document, text));
      else {
        this.#chunk.push(text);
        this.#chunkBytes += bytes;
        this.#count(document);
      }
    }
    return full;
  }

  /** Closes a kind: its last chunk and its result. */
  endKind(kind: KindRef, outcome: KindOutcome): OutgoingMessage[] {
    const last = this.#flush(kind);
    const result = this.#result(kind, outcome);
    this.#kinds.push(result);
    this.#objects = 0;
    this.#digest = 0n;
    this.#tooLarge = [];
    const ended = this.#message({ type: "kind.end", ...this.#common(), part: this.#nextPart(), ...result });
    return [...last, ended];
  }

  /** Seals the snapshot. */
  end(): { readonly message: OutgoingMessage; readonly manifest: Manifest } {
    const read = this.#kinds.filter((kind) => kind.consistency !== "none");
    const manifest: Manifest = {
      type: "snapshot.end",
      ...this.#common(),
      startedAt: this.#startedAt,
      finishedAt: new Date().toISOString(),
      parts: this.#parts,
      objects: this.#kinds.reduce((sum, kind) => sum + kind.objects, 0),
      revision: read[0]?.revision ?? null,
      consistency: worstConsistency(read),
      kinds: [...this.#kinds],
      digest: formatDigest(this.#kinds.map((kind) => BigInt(`0x${kind.digest}`)).reduce(addDigests, 0n)),
    };
    return { message: this.#message(manifest), manifest };
  }

  /** Says that the snapshot will not be finished, so that its pieces can be dropped early. */
  abort(reason: string): OutgoingMessage {
    return this.#message({ type: "snapshot.abort", ...this.#common(), reason });
  }

  #common(): { schema: 1; snapshot: string; cluster: string } {
    return { schema: 1, snapshot: this.snapshot, cluster: this.#identity.cluster };
  }

  #nextPart(): number {
    this.#parts += 1;
    return this.#parts;
  }

  #count(document: JsonObject): void {
    this.#objects += 1;
    this.#digest = addDigests(this.#digest, digestTerm(uidOf(document), hashOf(document)));
  }

  #flush(kind: KindRef): OutgoingMessage[] {
    if (this.#chunk.length === 0) return [];
    const items = this.#chunk.join(",");
    this.#chunk = [];
    this.#chunkBytes = 0;
    return [this.#objectsMessage(kind, {}, `[${items}]`)];
  }

  /** One object above the limit travels packed; one that is too large even so makes its kind partial. */
  #packed(kind: KindRef, document: JsonObject, text: string): OutgoingMessage[] {
    const items = JSON.stringify(gzipSync(`[${text}]`).toString("base64"));
    if (items.length > this.#limit) {
      this.#tooLarge.push(
        `${uidOf(document)} has ${Buffer.byteLength(text)} bytes, above the limit of one message`,
      );
      return [];
    }
    this.#count(document);
    return [this.#objectsMessage(kind, { encoding: "gzip+base64" }, items)];
  }

  /** The items are text already; parsing them again only to write them once more would double the work. */
  #objectsMessage(kind: KindRef, extra: { encoding?: string }, items: string): OutgoingMessage {
    const part = this.#nextPart();
    const { group, version, resource } = kind;
    const head = {
      type: "objects",
      ...this.#common(),
      part,
      group,
      version,
      resource,
      kind: kind.kind,
      ...extra,
    };
    return this.#envelope(String(part), `${JSON.stringify(head).slice(0, -1)},"items":${items}}`);
  }

  #message(message: ClusterInfoMessage): OutgoingMessage {
    const id = "part" in message ? String(message.part) : message.type;
    return this.#envelope(id, JSON.stringify(message));
  }

  #envelope(id: string, value: string): OutgoingMessage {
    const headers = {
      "clusterflow-stream": "cluster-info",
      "clusterflow-id": `${this.snapshot}/${id}`,
      "clusterflow-schema": "1",
    };
    return { key: this.#identity.cluster, value, headers };
  }

  #result(kind: KindRef, outcome: KindOutcome): KindResult {
    const { group, version, resource } = kind;
    const named = { group, version, resource, kind: kind.kind };
    const counted = { objects: this.#objects, digest: formatDigest(this.#digest) };
    if (this.#tooLarge.length === 0) return { ...named, ...outcome, ...counted };
    const reason = [outcome.reason, ...this.#tooLarge].filter((text) => text !== null).join("; ");
    return { ...named, ...outcome, status: "partial", reason, ...counted };
  }
}

const WORSE: readonly Consistency[] = ["cut", "kind", "inconsistent"];

function worstConsistency(kinds: readonly KindResult[]): Consistency {
  if (kinds.length === 0) return "none";
  return WORSE[Math.max(...kinds.map((kind) => WORSE.indexOf(kind.consistency)))] ?? "none";
}
