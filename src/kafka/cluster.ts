import Cluster from "kafkajs/src/cluster/index.js";
import { CONNECTION, RETRY, type KafkaClient } from "./client.ts";

export const READ_COMMITTED = 1;

/**
 * What kafkajs's own classes stand on: it asks a broker directly, for what its public classes do not offer. The
 * caller connects and disconnects it.
 */
export function openCluster(client: KafkaClient): Cluster {
  return new Cluster({
    ...CONNECTION,
    ...client.login,
    logger: client.kafka.logger(),
    socketFactory: client.sockets,
    brokers: client.settings.brokers,
    retry: RETRY,
    metadataMaxAge: 30_000,
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  });
}
