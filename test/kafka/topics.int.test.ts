import { randomUUID } from "node:crypto";
import kafkajs from "kafkajs";
import { describe, expect, inject, it } from "vitest";
import { openKafka } from "../../src/kafka/client.ts";
import { ensureTopic } from "../../src/kafka/topics.ts";
import { Told } from "./memory-store.ts";
import { lendAdmin, newTopic } from "./world.ts";

const settingsOf = (topic: string): Promise<Record<string, string>> =>
  lendAdmin(async (admin) => {
    const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }];
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    return Object.fromEntries(
      described.resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]),
    );
  });

describe("ensureTopic", () => {
  it("creates a topic with its profile, and says so once", async () => {
    const name = `t-${randomUUID()}`;
    const profile = {
      name,
      partitions: 4,
      config: { "retention.ms": "1234567", "max.message.bytes": "2000000" },
    };
    using client = openKafka({ brokers: inject("brokers"), topic: name });
    const told = new Told();
    expect(await ensureTopic(client, profile, told.tell)).toEqual({
      name,
      partitions: 4,
      maxMessageBytes: 2_000_000,
    });
    expect(await ensureTopic(client, profile, told.tell)).toEqual({
      name,
      partitions: 4,
      maxMessageBytes: 2_000_000,
    });
    expect(told.reports).toEqual([{ kind: "notice", text: `created topic "${name}" with 4 partitions` }]);
    expect(await settingsOf(name)).toMatchObject({ ...profile.config, "min.insync.replicas": "1" });
  });

  it("leaves a topic that exists as it is and tells what differs", async () => {
    const name = await newTopic(2, { config: { "retention.ms": "1000" } });
    using client = openKafka({ brokers: inject("brokers"), topic: name });
    const told = new Told();
    const profile = { name, partitions: 3, config: { "retention.ms": "2000", "cleanup.policy": "delete" } };
    expect(await ensureTopic(client, profile, told.tell)).toMatchObject({ partitions: 2 });
    expect(told.reports).toEqual([
      {
        kind: "warning",
        text: `topic "${name}" exists with other settings: retention.ms is 1000, not 2000; it has 2 partitions, not 3`,
      },
    ]);
    expect(await settingsOf(name)).toMatchObject({ "retention.ms": "1000" });
  });

  it("lets two processes create the same topic at the same moment", async () => {
    const profile = { name: `t-${randomUUID()}`, partitions: 1, config: {} };
    const open = async (): Promise<number> => {
      using client = openKafka({ brokers: inject("brokers"), topic: profile.name });
      return (await ensureTopic(client, profile, () => undefined)).partitions;
    };
    expect(await Promise.all([open(), open(), open()])).toEqual([1, 1, 1]);
  });

  it("calls a setting that Kafka does not know a mistake in the profile", async () => {
    const profile = { name: `t-${randomUUID()}`, partitions: 1, config: { "retention.ms": "for ever" } };
    using client = openKafka({ brokers: inject("brokers"), topic: profile.name });
    await expect(ensureTopic(client, profile, () => undefined)).rejects.toMatchObject({ code: "usage" });
  });
});
