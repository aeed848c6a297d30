import { describe, expect, it } from "vitest";
import { brokerProperties } from "../../src/local/broker-properties.ts";

const one = { node: 1, ports: [9092], controllers: [20_001], durable: true };
const three = { node: 2, ports: [9092, 9093, 9094], controllers: [20_001, 20_002, 20_003], durable: true };

function read(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/=(.*)/, 2) as [string, string]),
  );
}

describe("a broker's settings", () => {
  it("open only this machine's own address", () => {
    const { listeners, "advertised.listeners": advertised } = read(brokerProperties(one));
    expect(listeners).toBe("PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:20001");
    expect(advertised).toBe("PLAINTEXT://127.0.0.1:9092");
  });

  it("give each node its own ports and the ports of all controllers", () => {
    const settings = read(brokerProperties(three));
    expect(settings).toMatchObject({
      "node.id": "2",
      listeners: "PLAINTEXT://127.0.0.1:9093,CONTROLLER://127.0.0.1:20002",
      "controller.quorum.voters": "1@127.0.0.1:20001,2@127.0.0.1:20002,3@127.0.0.1:20003",
      "log.dirs": "kafka-2",
    });
  });

  it("keep one copy of everything with one broker", () => {
    const settings = read(brokerProperties(one));
    expect(settings).toMatchObject({
      "default.replication.factor": "1",
      "min.insync.replicas": "1",
      "offsets.topic.replication.factor": "1",
      "transaction.state.log.replication.factor": "1",
      "transaction.state.log.min.isr": "1",
      "share.coordinator.state.topic.replication.factor": "1",
      "share.coordinator.state.topic.min.isr": "1",
    });
  });

  it("keep three copies, two of them in step, with three brokers", () => {
    const settings = read(brokerProperties(three));
    expect(settings).toMatchObject({
      "default.replication.factor": "3",
      "min.insync.replicas": "2",
      "offsets.topic.replication.factor": "3",
      "transaction.state.log.replication.factor": "3",
      "transaction.state.log.min.isr": "2",
    });
  });

  it("never make a topic by themselves, nor keep a lone consumer waiting", () => {
    expect(read(brokerProperties(one))).toMatchObject({
      "auto.create.topics.enable": "false",
      "group.initial.rebalance.delay.ms": "0",
    });
  });

  it("allow sessions of a second to tests alone", () => {
    expect(read(brokerProperties(one))).not.toHaveProperty(["group.min.session.timeout.ms"]);
    const forTests = read(brokerProperties({ ...one, durable: false }));
    expect(forTests["group.min.session.timeout.ms"]).toBe("1000");
  });
});
