import type { KafkaSettings } from "../config/parts.ts";
import type { Tell } from "../core/report.ts";
import type { Observe } from "../pipeline/observe.ts";
import type { Deliver, Ledger } from "../pipeline/ports.ts";

export interface KafkaSourceOptions {
  readonly settings: KafkaSettings;
  readonly group: string;
  readonly topic: string;
  readonly ledger: Ledger;
  readonly deliver: Deliver;
  /** Stop when the whole group is where the topic ended at the start; other members' partitions are waited for. */
  readonly untilEnd: boolean;
  /** Milliseconds without any contact after which the run ends in an error; null waits for ever. */
  readonly giveUpAfterMs: number | null;
  /** Memory for records that wait to be delivered, in bytes over all partitions. */
  readonly queueBytes: number;
  readonly tell: Tell;
  readonly observe?: Observe;
  /** Milliseconds between two looks at how far the partitions reach; a minute when left out. */
  readonly lookEveryMs?: number;
  /** Milliseconds without an answered fetch after which the consumer is built anew; 30,000 when left out. */
  readonly stallMs?: number;
  /** Milliseconds for which a partition may stand still although Kafka has more; 300,000 when left out. */
  readonly standstillMs?: number;
}
