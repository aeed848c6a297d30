import kafkajs from "kafkajs";
import { expect, inject, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, kafkaEnvironment, runCli } from "../support/cli.ts";
import { KafkaWire } from "../support/kafka-wire.ts";
import { createTopic, plainKafka } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

async function producePacked(topic: string, count: number): Promise<void> {
  const producer = plainKafka(inject("brokers")).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const messages = Array.from({ length: count }, (_, n) => ({ key: null, value: `order ${n}` }));
  await producer.send({ topic, messages, compression: kafkajs.CompressionTypes.GZIP });
  await producer.disconnect();
}

it("ends at a damaged batch with where it lies and what to do, and goes on behind what is stored when it is mended", async () => {
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "judge");
  using wire = new KafkaWire(inject("brokers")[0]!);
  const broker = await wire.listen();
  const topic = testTopicName("damaged");
  await createTopic(inject("brokers"), topic, 1);
  const env = { ...kafkaEnvironment([broker], topic), ...databaseEnvironment(database.settings) };
  await producePacked(topic, 3);
  expect((await runCli(["consume", "--until-end"], { env })).status).toBe(0);
  await producePacked(topic, 4);
  wire.damagesGzip = true;
  const begun = Date.now();
  const stopped = await runCli(["consume"], { env });
  expect(stopped.stderr).toMatch(
    /^error: the record batch from offset 3 on is damaged: .*gzip.*\n {2}next: .*kafka-dump-log\.sh/m,
  );
  expect(stopped.status).toBe(4);
  expect(stopped.stderr).not.toContain("waiting");
  expect(Date.now() - begun).toBeLessThan(20_000);
  expect(stopped.stderr).not.toMatch(/^\s+at /m);
  wire.damagesGzip = false;
  expect((await runCli(["consume", "--until-end"], { env })).status).toBe(0);
  const sql = "SELECT next_offset, dead_lettered FROM clusterflow.offsets";
  expect(await connection.query(sql)).toEqual([{ next_offset: 7n, dead_lettered: 7n }]);
});
