import { performance } from "node:perf_hooks";
import type { KubernetesSettings } from "../config/parts.ts";
import type { Tell } from "../core/report.ts";
import { sleep } from "../core/signal.ts";
import type { JsonObject } from "../core/json.ts";
import { SnapshotComposer } from "../streams/cluster-info/compose.ts";
import { type KindRef, KINDS } from "../streams/cluster-info/kinds.ts";
import { clusterInfoMessage, type KindResult, type Manifest } from "../streams/cluster-info/messages.ts";
import type { OutgoingMessage } from "../streams/define.ts";
import { KubernetesClient } from "./client.ts";
import type { Connection } from "./connection.ts";
import { readIdentity } from "./identity.ts";
import { listKind } from "./list.ts";

/** Milliseconds in which the word that a snapshot was given up may still go out. */
const FAREWELL_MS = 5000;

export interface SnapshotOptions {
  readonly connection: Connection;
  readonly settings: KubernetesSettings;
  /** Bytes one message may have at most, key and headers included: the sink's `maxMessageBytes`. */
  readonly composerLimit: number;
  /** Resolving means that the messages are safely down, in order; only then is more read. */
  readonly deliver: (messages: readonly OutgoingMessage[]) => Promise<void>;
  readonly tell: Tell;
  readonly signal: AbortSignal;
  /** Milliseconds without an answer after which an outage of the server ends the snapshot; null waits. */
  readonly giveUpAfterMs: number | null;
  /** Who collects, as the snapshot records it. */
  readonly collector: string;
}

/**
 * Reads one snapshot of the cluster and delivers it, a page at a time. What goes wrong with one kind is recorded
 * and the snapshot goes on. When the server as a whole is lost, delivery fails or the signal fires, the snapshot
 * ends without its seal: a `snapshot.abort` is tried, and the error, or the signal's reason, is thrown.
 */
export async function readSnapshot(options: SnapshotOptions): Promise<Manifest> {
  const { connection, settings, signal } = options;
  using client = new KubernetesClient(connection, options);
  const identity = await readIdentity(client, connection, settings, options.collector);
  signal.throwIfAborted();
  const composer = new SnapshotComposer(identity, options.composerLimit);
  client.nameSnapshot(composer.snapshot);
  options.tell({ kind: "snapshot-started", snapshot: composer.snapshot, cluster: identity.cluster });
  const run = new SnapshotRun(options, client, composer);
  try {
    return await run.read();
  } catch (error) {
    await run.abort(signal.aborted ? "interrupted" : error instanceof Error ? error.message : "unknown");
    throw error;
  }
}

class SnapshotRun {
  readonly #options: SnapshotOptions;
  readonly #client: KubernetesClient;
  readonly #composer: SnapshotComposer;
  readonly #startedAt = performance.now();
  #isDeliveryBroken = false;
  #revision: string | null = null;

  constructor(options: SnapshotOptions, client: KubernetesClient, composer: SnapshotComposer) {
    this.#options = options;
    this.#client = client;
    this.#composer = composer;
  }

  async read(): Promise<Manifest> {
    const { signal, tell } = this.#options;
    await this.#deliver([this.#composer.begin()]);
    const results: KindResult[] = [];
    for (const kind of KINDS) {
      signal.throwIfAborted();
      results.push(await this.#readKind(kind));
    }
    signal.throwIfAborted();
    const { message, manifest } = this.#composer.end();
    await this.#deliver([message]);
    if (results.every(({ consistency }) => consistency === "none"))
      tell({ kind: "warning", text: nothingRead(results) });
    const ms = Math.round(performance.now() - this.#startedAt);
    tell({ kind: "snapshot-ended", snapshot: manifest.snapshot, objects: manifest.objects, ms });
    return manifest;
  }

  /** Best effort: a snapshot without its seal is never applied, with or without this. */
  async abort(reason: string): Promise<void> {
    // a delivery that the signal ended is not broken
    if (this.#isDeliveryBroken && !this.#options.signal.aborted) return;
    const timer = new AbortController();
    const sent = this.#deliver([this.#composer.abort(reason)]).catch(() => undefined);
    await Promise.race([sent, sleep(FAREWELL_MS, timer.signal)]);
    timer.abort();
  }

  async #readKind(kind: KindRef): Promise<KindResult> {
    const { settings, tell } = this.#options;
    const outcome = await listKind({
      client: this.#client,
      kind,
      revision: this.#revision,
      pageSize: settings.pageSize,
      emit: (documents: readonly JsonObject[]) => this.#deliver(this.#composer.objects(kind, documents)),
    });
    this.#revision ??= outcome.revision;
    const messages = this.#composer.endKind(kind, outcome);
    await this.#deliver(messages);
    const result = resultIn(messages.at(-1));
    const { resource, status, objects, reason } = result;
    tell({ kind: "kind-read", resource, status, objects, reason });
    return result;
  }

  async #deliver(messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    try {
      await this.#options.deliver(messages);
    } catch (error) {
      this.#isDeliveryBroken = true;
      throw error;
    }
  }
}

/** The composer has the last word on a kind: it alone knows which objects were too large to be sent. */
function resultIn(message: OutgoingMessage | undefined): KindResult {
  const decoded = clusterInfoMessage.parse(JSON.parse(message?.value ?? "null"));
  if (decoded.type !== "kind.end") throw new TypeError("a kind ends in its result");
  return decoded;
}

function nothingRead(results: readonly KindResult[]): string {
  const reason = results[0]?.reason ?? "no reason given";
  return `not one kind of object could be read; the snapshot is empty and deletes nothing. The first reason: ${reason}`;
}
