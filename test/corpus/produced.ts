import { createTopic, snapshotLoad } from "../support/produce.ts";
import { produceRaw, type RawMessage } from "../support/raw-produce.ts";
import { corpus, type CorpusRecord } from "./load.ts";

export const PARTITIONS = 3;
/** Larger than any record of the corpus, and any time at all. */
const TOPIC = {
  "max.message.bytes": "10485760",
  "message.timestamp.after.max.ms": "9223372036854775807",
  "message.timestamp.before.max.ms": "9223372036854775807",
};

/** A record as it was produced; `made` is null for the messages of good snapshots. */
export interface Produced extends RawMessage {
  readonly offset: bigint;
  readonly made: CorpusRecord | null;
}

export interface ProducedCorpus {
  readonly records: readonly Produced[];
  /** Ids of the good snapshots between the bad records. */
  readonly good: readonly string[];
  /** The last one of each good cluster. */
  readonly newest: readonly string[];
}

export function anyTopic(brokers: readonly string[], topic: string): Promise<void> {
  return createTopic(brokers, topic, PARTITIONS, TOPIC);
}

/** The whole corpus in an order by chance, each record in some partition, with good snapshots spread between. */
export async function produceCorpus(
  brokers: readonly string[],
  topic: string,
  random: () => number,
): Promise<ProducedCorpus> {
  await anyTopic(brokers, topic);
  const bad = placed(shuffled([...corpus()], random), random);
  const load = ["good-east", "good-west"].map((cluster) =>
    snapshotLoad({ cluster, snapshots: 4, pods: 40, limit: 6000 }),
  );
  const good = load.flatMap((messages, partition) =>
    messages.map((message) => goodMessage(message, partition)),
  );
  const all = spread(bad, good);
  await produceRaw(brokers, topic, all);
  const ids = load.map((messages) => messages.map(snapshotOf));
  const newest = ids.map((cluster) => cluster.at(-1) ?? "");
  return { records: withOffsets(all), good: [...new Set(ids.flat())], newest };
}

function snapshotOf({ value }: { readonly value: string }): string {
  return (JSON.parse(value) as { readonly snapshot: string }).snapshot;
}

type Unsent = Omit<Produced, "offset">;

function goodMessage(
  { key, value }: { readonly key: string; readonly value: string },
  partition: number,
): Unsent {
  const bytes = { key: Buffer.from(key), value: Buffer.from(value) };
  return { ...bytes, partition, headers: [], timestamp: BigInt(Date.now()), made: null };
}

function shuffled(records: CorpusRecord[], random: () => number): CorpusRecord[] {
  const order = new Map(records.map((record) => [record, record.after === null ? random() : 1]));
  return records.sort((left, right) => (order.get(left) ?? 0) - (order.get(right) ?? 0));
}

function placed(records: readonly CorpusRecord[], random: () => number): Unsent[] {
  const partitions = new Map<string, number>();
  return records.map((made) => {
    const partition = partitions.get(made.after ?? "") ?? Math.floor(random() * PARTITIONS);
    partitions.set(made.name, partition);
    const { key, value, headers } = made;
    return { key, value, headers, partition, timestamp: made.timestamp ?? BigInt(Date.now()), made };
  });
}

/** The good ones in their own order, evenly among the bad ones. */
function spread(bad: readonly Unsent[], good: readonly Unsent[]): Unsent[] {
  const step = Math.max(1, Math.floor(bad.length / good.length));
  const rest = [...good];
  const all = bad.flatMap((record, index) =>
    index % step === 0 ? [...rest.splice(0, 1), record] : [record],
  );
  return [...all, ...rest];
}

function withOffsets(records: readonly Unsent[]): Produced[] {
  const next = Array.from({ length: PARTITIONS }, () => 0n);
  return records.map((record) => {
    const offset = next[record.partition] ?? 0n;
    next[record.partition] = offset + 1n;
    return { ...record, offset };
  });
}
