import kafkajs, { type GroupMember, type PartitionAssigner } from "kafkajs";
import { withAdmin } from "./admin.ts";
import type { KafkaClient } from "./client.ts";

/** Partition numbers by topic. */
type Partitions = Readonly<Record<string, readonly number[]>>;

const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;
const VERSION = 0;

/**
 * Deals each topic's partitions round to the members that subscribed to it. kafkajs's own assigner deals the topics of
 * whichever member leads the group, to everybody: in a group of consumers of two topics some would get partitions that
 * they never asked for, and others would wait for ever.
 */
export function subscriptionAssigner(client: KafkaClient): PartitionAssigner {
  return ({ cluster }) => ({
    name: "clusterflow",
    version: VERSION,
    async assign({ members, topics }) {
      const wanted = new Map(members.map((member) => [member.memberId, topicsOf(member)]));
      const partitions: Record<string, readonly number[]> = {};
      for (const topic of new Set([...wanted.values()].flat()))
        partitions[topic] = topics.includes(topic)
          ? cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
          : await partitionsOf(client, topic);
      return deal(wanted, partitions);
    },
    protocol: ({ topics }) => ({
      name: "clusterflow",
      metadata: MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) }),
    }),
  });
}

function topicsOf({ memberMetadata }: GroupMember): readonly string[] {
  return MemberMetadata.decode(memberMetadata)?.topics ?? [];
}

/** Of a topic that is not ours; none when it cannot be asked for, which its own consumers will tell. */
async function partitionsOf(client: KafkaClient, topic: string): Promise<readonly number[]> {
  try {
    const { topics } = await withAdmin(client, topic, (admin) =>
      admin.fetchTopicMetadata({ topics: [topic] }),
    );
    return topics.flatMap(({ partitions }) => partitions.map(({ partitionId }) => partitionId));
  } catch {
    return [];
  }
}

function deal(
  wanted: ReadonlyMap<string, readonly string[]>,
  partitions: Partitions,
): { memberId: string; memberAssignment: Buffer }[] {
  const dealt = new Map<string, Record<string, number[]>>([...wanted.keys()].map((id) => [id, {}]));
  for (const [topic, numbers] of Object.entries(partitions)) {
    const ids = [...wanted].filter(([, topics]) => topics.includes(topic)).map(([id]) => id);
    ids.sort().forEach((id, place) => {
      const own = dealt.get(id) ?? {};
      own[topic] = numbers.filter((_, index) => index % ids.length === place);
    });
  }
  return [...dealt].map(([memberId, assignment]) => ({
    memberId,
    memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }),
  }));
}
