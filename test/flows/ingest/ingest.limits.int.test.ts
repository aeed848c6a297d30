import { expect, inject, it } from "vitest";
import { spoolFolder, startIngest, toKafka, type Posted } from "../../support/ingest-world.ts";
import { idsInTopic, metric, questionOf, until } from "../../support/posted-events.ts";
import { testTopicName } from "../../support/servers.ts";

/** Nothing listens there. */
const AWAY = ["127.0.0.1:1"];

it("a full spool is told with 503 and Retry-After, and what was acknowledged before comes to Kafka", async () => {
  await using spool = await spoolFolder();
  const topic = testTopicName("full");
  const settings = toKafka(AWAY, topic, spool.path);
  const acknowledged: string[] = [];
  {
    await using gateway = await startIngest({ ...settings, spool: { dir: spool.path, maxBytes: 1024 ** 2 } });
    const answers: Posted[] = [];
    for (let n = 1; n <= 12; n += 1) {
      const event = JSON.stringify(questionOf("s", n, { extra: "x".repeat(100_000) }));
      const answer = await gateway.post("/api/events", event);
      answers.push(answer);
      if (answer.status === 201) acknowledged.push(`s/${n}`);
    }
    const last = answers.at(-1)!;
    expect(last).toMatchObject({ status: 503 });
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(last.text).not.toContain(spool.path);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    expect(await metric(gateway.url, "clusterflow_spool_entries")).toBe(acknowledged.length);
  }
  expect(acknowledged.length).toBeGreaterThan(3);
  const brokers = inject("brokers");
  await using gateway = await startIngest({ ...settings, kafka: { brokers, topic } });
  await until(async () => (await metric(gateway.url, "clusterflow_spool_entries")) === 0);
  expect((await idsInTopic(brokers, topic)).get("s")).toEqual(acknowledged);
});

it("a gateway that ends has what it acknowledged in Kafka, and ends soon", async () => {
  await using spool = await spoolFolder();
  const topic = testTopicName("drain");
  const brokers = inject("brokers");
  const gateway = await startIngest(toKafka(brokers, topic, spool.path));
  const acknowledged: string[] = [];
  let isOn = true;
  const posting = Array.from({ length: 8 }, async (_, poster) => {
    for (let n = 1; isOn; n += 1) {
      const answer = await gateway
        .post("/api/events", JSON.stringify(questionOf(`p${poster}`, n)))
        .catch(() => null);
      if (answer?.status === 201) acknowledged.push(`p${poster}/${n}`);
      if (answer === null) return;
    }
  });
  await until(() => Promise.resolve(acknowledged.length > 50));
  const begun = performance.now();
  await gateway.stop();
  isOn = false;
  expect(performance.now() - begun).toBeLessThan(10_000);
  await Promise.all(posting);
  const inTopic = new Set([...(await idsInTopic(brokers, topic)).values()].flat());
  expect(acknowledged.filter((id) => !inTopic.has(id))).toEqual([]);
});

it("an event that is larger than the topic takes is refused, also when Kafka is away", async () => {
  await using spool = await spoolFolder();
  await using gateway = await startIngest(toKafka(inject("brokers"), testTopicName("large"), spool.path));
  const large = questionOf("s", 1, { extra: "x".repeat(600_000) });
  expect(await gateway.post("/api/events", JSON.stringify(large))).toMatchObject({ status: 400 });
});
