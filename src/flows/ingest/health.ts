import type { Family } from "../../http/exposition.ts";
import type { Away, Condition } from "../../http/gateway/ports.ts";
import { BatchTimes } from "../../pipeline/batch-times.ts";
import type { WaitingLine } from "../../pipeline/ingest/ports.ts";

/** A failure older than this says nothing: without a new look at it, nobody would ever send events again. */
const FAILURE_MS = 5_000;

/** What the gateway's surroundings are like, for readiness and metrics. */
export class IngestHealth implements Condition {
  readonly times = new BatchTimes();
  /** Set once they are open. */
  line: WaitingLine | null = null;
  isKafkaAway: (() => boolean) | null = null;
  isDatabaseAway: (() => boolean) | null = null;
  #failure: { readonly reason: string; readonly at: number } | null = null;

  readonly noteFailure = (reason: string): void => {
    this.#failure = { reason, at: performance.now() };
  };

  notReady(): string | null {
    if (this.#failure === null || performance.now() - this.#failure.at > FAILURE_MS) return null;
    return this.#failure.reason;
  }

  away(): readonly Away[] {
    return [
      ...(this.isKafkaAway?.() === true ? (["kafka"] as const) : []),
      ...(this.isDatabaseAway?.() === true ? (["database"] as const) : []),
    ];
  }

  families(): readonly Family[] {
    return [...this.#lineFamilies(), ...this.#kafkaFamilies()];
  }

  #lineFamilies(): readonly Family[] {
    if (this.line === null) return [];
    const { entries, bytes, oldestAt } = this.line.depth;
    const ageS = oldestAt === null ? 0 : Math.max(0, Date.now() - oldestAt) / 1000;
    return [
      gauge("clusterflow_spool_entries", "Events on the disk that wait for Kafka.", entries),
      gauge("clusterflow_spool_bytes", "What the spool takes on the disk.", bytes),
      gauge("clusterflow_spool_oldest_seconds", "How long the oldest of them has waited.", ageS),
    ];
  }

  #kafkaFamilies(): readonly Family[] {
    if (this.isKafkaAway === null) return [];
    const samples = [
      ...this.times.atMost.map(([le, value]) => ({ suffix: "_bucket", labels: { le }, value })),
      { suffix: "_bucket", labels: { le: "+Inf" }, value: this.times.count },
      { suffix: "_sum", value: this.times.sum },
      { suffix: "_count", value: this.times.count },
    ];
    return [
      gauge("clusterflow_ingest_kafka_away", "1 while events go elsewhere.", this.isKafkaAway() ? 1 : 0),
      {
        name: "clusterflow_ingest_produce_seconds",
        help: "From a group of events to Kafka's acknowledgement.",
        type: "histogram",
        samples,
      },
    ];
  }
}

function gauge(name: string, help: string, value: number): Family {
  return { name, help, type: "gauge", samples: [{ value }] };
}
