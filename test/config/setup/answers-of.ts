import type {
  Answers,
  CollectorAnswers,
  DatabaseAnswers,
  KafkaAnswers,
} from "../../../src/config/setup/answers.ts";

export const CANARY = "canary-d41d";

export const kafka: KafkaAnswers = {
  brokers: "localhost:9092",
  topic: "cluster-info",
  group: "cluster-info-consumer",
};

export const collector: CollectorAnswers = { kubeconfig: null, context: null, server: null, interval: null };

export const database: DatabaseAnswers = {
  host: "localhost",
  port: "5432",
  name: "clusterinfo",
  user: "clusterinfo",
  password: { kind: "text", text: CANARY },
  isDefaultPassword: false,
  sslmode: "disable",
};

export const legacy: Answers = { mode: "legacy", collector, database };
export const hybrid: Answers = { mode: "hybrid-kafka", collector, kafka, database, cluster: null };
export const e2e: Answers = { mode: "e2e", collector, kafka, database, cluster: "synthetic:2000" };
