import { expect, inject, it } from "vitest";
import { openKafka } from "../../src/kafka/client.ts";
import { fetchTopicId } from "../../src/kafka/topic-id.ts";
import { createTopic, plainKafka } from "../support/produce.ts";
import { testTopicName } from "../support/servers.ts";

it("tells a topic from another one of the same name", async () => {
  const brokers = inject("brokers");
  const topic = testTopicName("x".repeat(150));
  using client = openKafka({ brokers, topic });
  await createTopic(brokers, topic, 2);
  const first = await fetchTopicId(client, topic);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(await fetchTopicId(client, topic)).toBe(first);

  const admin = plainKafka(brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  // deleting goes on for a moment after it was acknowledged
  await expect
    .poll(
      () =>
        createTopic(brokers, topic, 2).then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  await admin.disconnect();
  const second = await fetchTopicId(client, topic);
  expect(second).toMatch(/^[0-9a-f]{32}$/);
  expect(second).not.toBe(first);
});

it("says that there is no such topic", async () => {
  const topic = testTopicName("nowhere");
  using client = openKafka({ brokers: inject("brokers"), topic });
  await expect(fetchTopicId(client, topic)).rejects.toMatchObject({
    vendorCode: "UNKNOWN_TOPIC_OR_PARTITION",
  });
});
