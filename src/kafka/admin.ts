import type { Admin } from "kafkajs";
import type { KafkaClient } from "./client.ts";
import { settlesWithin } from "./bounded.ts";
import { toKafkaError } from "./errors.ts";

/** A broker that is gone must not hold up whoever has his answer already. */
const GOODBYE_MS = 2_000;

/** Lends a connected admin; what goes wrong comes out as a ClusterflowError. */
export async function withAdmin<T>(
  client: KafkaClient,
  topic: string,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = client.kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw toKafkaError(error, client.settings, topic);
  } finally {
    await settlesWithin(admin.disconnect(), GOODBYE_MS);
  }
}
