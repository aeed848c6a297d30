import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { kafkaToPostgres } from "../../../src/flows/kafka-to-postgres.ts";
import { quizEvents } from "../../../src/streams/quiz/stream.ts";
import { openOwnServers } from "../../faults/own-servers.ts";
import { spoolFolder, startIngest, toKafka } from "../../support/ingest-world.ts";
import { idsInTopic, metric, postSession, storedIds, until } from "../../support/posted-events.ts";
import { testDatabase, testTopicName } from "../../support/servers.ts";

const SESSIONS = ["s1", "s2", "s3", "s4", "s5", "s6"];

it(
  "every acknowledged event is in its table once, in order per session, whatever happens to Kafka and PostgreSQL",
  { timeout: 240_000 },
  async () => {
    await using servers = await openOwnServers();
    await using database = await testDatabase(servers.superuser);
    await using spool = await spoolFolder();
    const topic = testTopicName("outages");
    const stopping = new AbortController();
    const settings = toKafka(servers.brokers, topic, spool.path);
    await using gateway = await startIngest(settings);
    const consumer = kafkaToPostgres(
      {
        kafka: settings.kafka,
        database: database.settings,
        group: "g",
        deadLetters: { maxInARow: 0, topic: null },
        http: null,
      },
      quizEvents,
      { untilEnd: false, giveUpAfterMs: null },
      { tell: () => undefined, signal: stopping.signal, environment: {} },
    );
    let isOn = true;
    const posting = SESSIONS.map((session) =>
      postSession(
        session,
        (path, body) => gateway.post(path, body),
        () => isOn,
      ),
    );

    await delay(1_000);
    await servers.stop("kafka", "SIGTERM");
    await delay(1_000);
    await servers.start();
    await delay(1_000);
    servers.signal("kafka", "SIGSTOP");
    await delay(7_000);
    servers.signal("kafka", "SIGCONT");
    await servers.stop("postgres", "SIGINT");
    await servers.start();
    await servers.stop("kafka", "SIGKILL");
    await delay(500);
    await servers.start();
    await delay(1_000);
    isOn = false;

    const posted = await Promise.all(posting);
    await until(async () => (await metric(gateway.url, "clusterflow_ingest_kafka_away")) === 0);
    const acknowledged = posted.flatMap(({ acknowledged: ids }) => ids);
    expect([...new Set(posted.flatMap(({ modes }) => [...modes]))].sort()).toEqual(["kafka", "spool"]);
    const inTopic = await idsInTopic(servers.brokers, topic);
    expect(SESSIONS.map((session) => inTopic.get(session))).toEqual(
      posted.map(({ acknowledged: ids }) => ids),
    );
    await until(async () => (await storedIds(database.settings)).length >= acknowledged.length);
    stopping.abort();
    await consumer.catch(() => undefined);
    expect(await storedIds(database.settings)).toEqual(acknowledged);
    expect(await metric(gateway.url, "clusterflow_spool_entries")).toBe(0);
  },
);
