import { settlesWithin } from "../core/bounded.ts";
import type { KafkaClient } from "./client.ts";
import { openCluster } from "./cluster.ts";

const GOODBYE_MS = 2_000;

/**
 * Takes a member out of its group that could not say goodbye, because its connection or its broker was gone. Without
 * it the group waits a whole session for that member before its partitions go to anybody, also to its successor.
 * Never rejects: a member that nobody knows any more is out already.
 */
export async function dismissFormerMember(
  client: KafkaClient,
  groupId: string,
  memberId: string,
): Promise<void> {
  const cluster = openCluster(client);
  try {
    await cluster.connect();
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    await coordinator.leaveGroup({ groupId, memberId });
  } catch {
    // unknown, or the broker is still away: joining will tell
  } finally {
    await settlesWithin(cluster.disconnect(), GOODBYE_MS);
  }
}
