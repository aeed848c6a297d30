import { assertNever } from "../core/never.ts";
import { kafkaNotReady } from "./kafka-probe.ts";
import { postgresNotReady } from "./postgres-probe.ts";
import { reasonOf } from "./raw-exchange.ts";
import type { StackServer } from "./stack-servers.ts";
import { HOST } from "./state.ts";

const ANSWER_WITHIN_MS = 2000;

/** What a Kafka broker has to know about its cluster before it counts as ready. */
export interface Expected {
  readonly kafkaClusterId: string;
  readonly brokers: number;
}

/** Why a server does not serve, null when it does. Each is asked a real request of its own protocol. */
export async function whyNotReady(server: StackServer, expected: Expected): Promise<string | null> {
  switch (server.kind) {
    case "postgres":
      return postgresNotReady(server.port, ANSWER_WITHIN_MS);
    case "kafka": {
      const { kafkaClusterId: clusterId, brokers } = expected;
      return kafkaNotReady(server.port, { clusterId, brokers }, ANSWER_WITHIN_MS);
    }
    case "cluster":
      return clusterNotReady(server.port);
    default:
      return assertNever(server.kind);
  }
}

async function clusterNotReady(port: number): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(`http://${HOST}:${port}/readyz`, { signal });
    await response.arrayBuffer();
    return response.status === 200 ? null : `/readyz answers ${response.status}`;
  } catch (thrown) {
    return reasonOf(thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown);
  }
}
