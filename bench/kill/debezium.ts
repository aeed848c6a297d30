import { ConnectWorker } from "../connect/worker.ts";
import { connectorName, sinkConfig } from "../contestants/debezium.ts";
import type { Store } from "../measure/store.ts";
import type { Victim } from "./kill-and-restart.ts";

/** Flushed each second instead of each minute, which doubles fewer rows. */
const SETTINGS = { "offset.flush.interval.ms": "1000" };

/** Debezium's sink at its best, into the table without a key. */
export async function killedDebezium(store: Store, topic: string): Promise<Victim> {
  const worker = await ConnectWorker.start(SETTINGS);
  return {
    name: "Debezium, tuned, 2 tasks",
    // its group notices the death after 45 s only
    quietMs: 60_000,
    get pid() {
      return worker.pid;
    },
    start: () =>
      worker.connect(connectorName(), sinkConfig(store.settings, { topic, mode: "insert", tasks: 2 })),
    kill: () => worker.kill(),
    restart: () => worker.launch(),
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}
