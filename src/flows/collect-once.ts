import { loadConnection } from "../kubernetes/connection.ts";
import { readSnapshot } from "../kubernetes/source.ts";
import { VERSION } from "../core/version.ts";
import type { CollectSchedule, KubernetesSettings } from "../config/parts.ts";
import type { MessageSink, OffsetRange } from "../pipeline/ports.ts";
import type { Collected } from "./collect-schedule.ts";
import type { FlowRun } from "./run.ts";

/** Milliseconds that an interrupted collector still tries to say so. */
const FAREWELL_MS = 3_000;

interface CollectSettings {
  readonly kubernetes: KubernetesSettings;
  readonly schedule: CollectSchedule;
}

/** Reads one snapshot into a sink, page by page; knows neither Kafka nor PostgreSQL. */
export async function collectOnce(
  settings: CollectSettings,
  sink: MessageSink,
  run: FlowRun,
): Promise<Collected> {
  const ranges: OffsetRange[] = [];
  const manifest = await readSnapshot({
    connection: await loadConnection(settings.kubernetes, run.environment),
    settings: settings.kubernetes,
    composerLimit: sink.maxMessageBytes,
    deliver: async (messages) => {
      ranges.push(...(await sink.write(messages, deliverySignal(run.signal))));
    },
    tell: run.tell,
    signal: run.signal,
    giveUpAfterMs: patience(settings.schedule),
    collector: `clusterflow/${VERSION}`,
  });
  return { manifest, ranges: joined(ranges) };
}

/** After the interruption there is one more message to bring down: that the snapshot was given up. */
function deliverySignal(signal: AbortSignal): AbortSignal {
  return signal.aborted ? AbortSignal.timeout(FAREWELL_MS) : signal;
}

/** A collector that runs on and on waits for ever; one that somebody waits for gives up. */
export function patience({ intervalMs, giveUpAfterMs }: CollectSchedule): number | null {
  return intervalMs === null ? giveUpAfterMs : null;
}

/** Ranges that follow one another in one partition, as one. Others' messages may lie between two sends. */
function joined(ranges: readonly OffsetRange[]): readonly OffsetRange[] {
  const result: OffsetRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    const follows =
      last?.topic === range.topic && last.partition === range.partition && last.last + 1n === range.first;
    if (last !== undefined && follows) result.splice(-1, 1, { ...last, last: range.last });
    else result.push(range);
  }
  return result;
}
