import type { KafkaSettings } from "../config/parts.ts";
import { withAdmin } from "./admin.ts";
import { openKafka } from "./client.ts";

/** Consumers that a group has at the moment; null when the brokers do not say. */
export async function countMembers(settings: KafkaSettings, group: string): Promise<number | null> {
  using client = openKafka(settings);
  const { groups } = await withAdmin(client, settings.topic, (admin) => admin.describeGroups([group]));
  const found = groups.find(({ groupId }) => groupId === group);
  return found?.members.length ?? null;
}
