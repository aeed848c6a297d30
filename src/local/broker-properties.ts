import { LAYOUT } from "./folders.ts";
import { HOST } from "./state.ts";

export interface BrokerPlan {
  /** Counts from 1. */
  readonly node: number;
  /** Client ports of all brokers, in the order of their nodes. */
  readonly ports: readonly number[];
  /** Ports on which their controllers talk to each other, in the same order. */
  readonly controllers: readonly number[];
  /** False for tests: consumers may then have sessions as short as the tests' patience. */
  readonly durable: boolean;
}

/** `server.properties` of one node that is broker and controller at once. */
export function brokerProperties(plan: BrokerPlan): string {
  const settings = { ...listeners(plan), ...replication(plan.ports.length), ...behaviour(plan) };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

function listeners(plan: BrokerPlan): Record<string, string | number> {
  const port = plan.ports[plan.node - 1] ?? Number.NaN;
  const controller = plan.controllers[plan.node - 1] ?? Number.NaN;
  return {
    "process.roles": "broker,controller",
    "node.id": plan.node,
    // Static voters: a quorum kept in the metadata log would hold the ports of the first start for ever.
    "controller.quorum.voters": plan.controllers.map((each, at) => `${at + 1}@${HOST}:${each}`).join(","),
    listeners: `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controller}`,
    "advertised.listeners": `PLAINTEXT://${HOST}:${port}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    // Relative to the data folder: Kafka splits this setting at commas and reads the file as ISO 8859-1.
    "log.dirs": LAYOUT.kafka(plan.node),
  };
}

/** Three copies of everything, two of which have to be there, with three brokers; one copy with one. */
function replication(brokers: number): Record<string, string | number> {
  const copies = Math.min(brokers, 3);
  const inSync = Math.max(1, copies - 1);
  return {
    "default.replication.factor": copies,
    "min.insync.replicas": inSync,
    "offsets.topic.replication.factor": copies,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": copies,
    "transaction.state.log.min.isr": inSync,
    "transaction.state.log.num.partitions": 2,
    "share.coordinator.state.topic.replication.factor": copies,
    "share.coordinator.state.topic.min.isr": inSync,
  };
}

function behaviour(plan: BrokerPlan): Record<string, string | number> {
  return {
    "auto.create.topics.enable": "false",
    // Measured: a lone consumer joins in 0.6 s instead of 3.6 s.
    "group.initial.rebalance.delay.ms": 0,
    ...(plan.durable ? {} : { "group.min.session.timeout.ms": 1000 }),
    // A broker that was killed is let in again only when its old session has run out; Kafka's 9 s are too long
    // for one person waiting.
    "broker.session.timeout.ms": 6000,
    "broker.heartbeat.interval.ms": 1000,
    // Kafka's own 128 MiB are taken from the heap at start, a third of the small one the broker gets here.
    "log.cleaner.dedupe.buffer.size": 16_777_216,
  };
}
