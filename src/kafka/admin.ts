import type { Admin } from "kafkajs";
import type { KafkaClient } from "./client.ts";
import { settlesWithin, withinTime } from "../core/bounded.ts";
import { toKafkaError } from "./errors.ts";

/** A broker that is gone must not hold up whoever has his answer already. */
const GOODBYE_MS = 500;

const CONNECT_MS = 6_000;
/** A new topic may need some of it until it is known everywhere. */
const PATIENCE_MS = 15_000;

/** Lends a connected admin; what goes wrong comes out as a ClusterflowError. */
export async function withAdmin<T>(
  client: KafkaClient,
  topic: string,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = client.kafka.admin();
  try {
    await withinTime(() => admin.connect(), CONNECT_MS);
    return await withinTime(() => work(admin), PATIENCE_MS);
  } catch (error) {
    throw toKafkaError(error, client.settings, topic);
  } finally {
    await settlesWithin(admin.disconnect(), GOODBYE_MS);
  }
}
