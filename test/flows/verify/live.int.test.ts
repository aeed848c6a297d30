import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { ConsumerSettings } from "../../../src/config/consumer.ts";
import { kafkaToPostgres } from "../../../src/flows/kafka-to-postgres.ts";
import { verify } from "../../../src/flows/verify.ts";
import type { LiveOptions } from "../../../src/flows/verify/live.ts";
import { openTokens } from "../../../src/http/gateway/tokens.ts";
import type { Scope } from "../../../src/http/gateway/ports.ts";
import type { Proof } from "../../../src/pipeline/proof/proof.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { quizEvents } from "../../../src/streams/quiz/stream.ts";
import {
  databaseEnvironment,
  kafkaEnvironment,
  runCli,
  startCli,
  temporaryFolder,
} from "../../support/cli.ts";
import { EMPTIED } from "../../support/emptied.ts";
import { TOKENS } from "../../support/gateway-world.ts";
import { spoolFolder, startIngest, toKafka } from "../../support/ingest-world.ts";
import { createTopic, produce } from "../../support/produce.ts";
import { testDatabase, testTopicName } from "../../support/servers.ts";

/** Probes through a real gateway, a real Kafka and whoever consumes. */
const brokers = inject("brokers");
const KIT = resolve(import.meta.dirname, "../../faults/kit.mjs");
const never = new AbortController().signal;
const run = { tell: () => undefined, signal: never, environment: {} };
let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
let settings: ConsumerSettings;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  connection = new Connection(database.settings, "test");
  await connection.script(EMPTIED);
  await migrate(connection);
  const topic = testTopicName("live");
  await createTopic(brokers, topic, 3);
  const deadLetters = { maxInARow: 100, topic: null };
  settings = {
    kafka: { brokers, topic },
    database: database.settings,
    group: testTopicName("g"),
    deadLetters,
    http: null,
  };
});
afterEach(async () => {
  await connection[Symbol.asyncDispose]();
});

const tokenOf = (...scopes: Scope[]): Promise<string> =>
  openTokens(TOKENS).issue!({ id: "1", name: "Test", email: null, scopes });
const live = (options: LiveOptions): Promise<Proof> =>
  verify(settings, { stream: quizEvents, live: options }, run);
const proof = (): Promise<Proof> => verify(settings, { stream: quizEvents }, run);

function consuming(): AsyncDisposable {
  const stopping = new AbortController();
  const options = { untilEnd: false, giveUpAfterMs: 20_000 };
  const ended = kafkaToPostgres(settings, quizEvents, options, { ...run, signal: stopping.signal });
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      // stopped before it had begun, it ends with the signal's own reason
      await ended.catch((error: unknown) => expect(error).toBe(stopping.signal.reason));
    },
  };
}

describe("probes", () => {
  it("come through both ways, once each, and stay out of the stream and in its accounts", async () => {
    await using spool = await spoolFolder();
    await using gateway = await startIngest(toKafka(brokers, settings.kafka.topic, spool.path));
    await produce(brokers, settings.kafka.topic, [{ key: null, value: "no JSON" }]);
    await connection.script(`INSERT INTO clusterflow.probes (run, n, "group", topic, partition, "offset", way, stored_at)
      VALUES (gen_random_uuid(), 1, 'g', 't', 0, 0, 'http', now() - interval '8 days')`);
    await using consumer = consuming();
    const found = await live({
      probes: 20,
      timeoutMs: 30_000,
      gateway: { url: gateway.url, token: await tokenOf("WRITE") },
    });
    expect(found.sentence).toMatch(
      /^proven: probes: 40 sent \(20 by HTTP, 20 by Kafka\), 40 stored once each, p50 \d+ ms, p99 \d+ ms from sent to stored; 0 lost, 0 double$/,
    );
    expect(found.live!.p50Ms).toBeLessThanOrEqual(found.live!.p99Ms!);
    expect(
      await connection.query("SELECT way, count(*) AS n FROM clusterflow.probes GROUP BY 1 ORDER BY 1"),
    ).toEqual([
      { way: "http", n: 20n },
      { way: "kafka", n: 20n },
    ]);
    expect((await proof()).sentence).toContain(
      "proven: stream quiz-events; 41 messages = 0 stored + 1 dead-lettered + 40 probes + 0 gaps; 0 rows made = 0 found",
    );
    await consumer[Symbol.asyncDispose]();
  });

  it("are in flight while nobody consumes, with the place where they wait", async () => {
    const found = await live({ probes: 5, timeoutMs: 500 });
    expect([found.verdict, found.sentence]).toEqual([
      "in-flight",
      `in flight: probes: 5 sent (by Kafka), 0 stored once each; 5 missing; 0 lost, 0 double: no consumer has group ${settings.group} at the moment`,
    ]);
    expect(found.checks[0]!.detail).toMatch(
      /partition \d: \d wait from offset 0 on, group \S+ never came to it/,
    );
    expect(found.hint).toBe("clusterflow consume --stream quiz-events");
  });

  it("are lost where the group has passed them and they are not there", async () => {
    await using consumer = consuming();
    expect((await live({ probes: 6, timeoutMs: 30_000 })).verdict).toBe("proven");
    await consumer[Symbol.asyncDispose]();
    const broken = live({ probes: 6, timeoutMs: 4_000 });
    await delay(2_000);
    await connection.script(`UPDATE clusterflow.offsets SET next_offset = 1000, probes = 1000;
      WITH last AS (SELECT run FROM clusterflow.probes LIMIT 1) DELETE FROM clusterflow.probes USING last WHERE probes.run = last.run`);
    const lost = await broken;
    expect([lost.verdict, lost.live]).toMatchObject(["wrong", { lost: 6, stored: 0, missing: 0 }]);
    expect(lost.sentence).toMatch(
      /: probe 1: the group has passed partition \d offset \d+, and it is not stored$/,
    );
  });

  it("are each stored once when the consumer is killed while they go", { timeout: 180_000 }, async () => {
    const { topic } = settings.kafka;
    const env = { ...kafkaEnvironment(brokers, topic), ...databaseEnvironment(database.settings) };
    const words = ["consume", "--stream", "quiz-events", "--topic", topic, "--group", settings.group];
    const probing = live({ probes: 1_500, timeoutMs: 90_000 });
    for (const FAULT of ["cut:kill:1", "answered:kill:1"]) {
      const dying = startCli(words, { env: { ...env, FAULT }, nodeArguments: ["--import", KIT] });
      dying.stdout?.resume();
      dying.stderr?.resume();
      expect(await once(dying, "exit")).toEqual([null, "SIGKILL"]);
    }
    await using consumer = consuming();
    const found = await probing;
    expect(found.live, found.sentence).toMatchObject({ sent: 1_500, stored: 1_500, lost: 0, double: 0 });
    expect(found.verdict).toBe("proven");
    await consumer[Symbol.asyncDispose]();
    expect((await proof()).verdict).toBe("proven");
  });
});

describe("a gateway", () => {
  it("takes no probe without a token that may write, or with a mark that is none", async () => {
    await using spool = await spoolFolder();
    await using gateway = await startIngest(toKafka(brokers, settings.kafka.topic, spool.path));
    const { url } = gateway;
    await expect(
      live({ probes: 2, timeoutMs: 500, gateway: { url, token: await tokenOf("READ") } }),
    ).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("refuses probes: status 403") as string,
    });
    const headers = {
      authorization: `Bearer ${await tokenOf("WRITE")}`,
      "content-type": "application/json",
      "clusterflow-probe": "1/1",
    };
    const answer = await fetch(`${url}/api/events`, { method: "POST", body: "{}", headers });
    expect(answer.status).toBe(400);
    const away = await live({
      probes: 2,
      timeoutMs: 300,
      gateway: { url: "http://127.0.0.1:9", token: "t" },
    });
    expect(away.checks[0]!.detail).toContain("2 were not taken: no gateway answers at http://127.0.0.1:9");
  });
});

describe("a gateway without Kafka", () => {
  it("keeps probes in its spool, and brings them when Kafka is back", async () => {
    const run = randomUUID();
    await using spool = await spoolFolder();
    {
      await using gateway = await startIngest(toKafka(["127.0.0.1:9"], settings.kafka.topic, spool.path));
      const headers = {
        authorization: `Bearer ${await tokenOf("WRITE")}`,
        "content-type": "application/json",
        "clusterflow-probe": `${run}/3`,
      };
      const answer = await fetch(`${gateway.url}/api/events`, { method: "POST", body: "{}", headers });
      expect(await answer.json()).toMatchObject({ mode: "spool", event_id: `${run}/3` });
    }
    await using consumer = consuming();
    await using gateway = await startIngest(toKafka(brokers, settings.kafka.topic, spool.path));
    await expect
      .poll(() => connection.query("SELECT run, n, way FROM clusterflow.probes"), { timeout: 20_000 })
      .toEqual([{ run, n: 3, way: "http" }]);
    await gateway.stop();
    await consumer[Symbol.asyncDispose]();
  });
});

describe("the command", () => {
  it("ends with 8 while nobody consumes, and says what to type with the same flags", async () => {
    const { topic } = settings.kafka;
    const env = { ...kafkaEnvironment(brokers, topic), ...databaseEnvironment(database.settings) };
    const words = ["verify", "--stream", "quiz-events", "--topic", topic, "--live", "--probes", "2"];
    const { status, stdout } = await runCli([...words, "--timeout", "1s", "-q"], { env });
    expect(status).toBe(8);
    expect(stdout).toMatch(new RegExp(`next: .*consume --topic ${topic} --stream quiz-events$`, "m"));
  });

  it("takes the token from a file or its variable, and refuses what does not go together", async () => {
    await using folder = await temporaryFolder();
    const file = await folder.write("token", "a b");
    const said = async (...words: string[]): Promise<string> => {
      const { status, stderr } = await runCli(["verify", ...words], { cwd: folder.path });
      expect(status).toBe(2);
      return stderr;
    };
    expect(await said("--probes", "5")).toContain("--probes goes with --live");
    expect(await said("--live", "--all")).toContain("--all looks at what is there");
    expect(await said("--live", "--probes", "0")).toContain("--probes is no whole number from 1 to 10000");
    expect(await said("--live", "--url", "http://h:1")).toContain("--url wants a token");
    expect(await said("--live", "--url", "http://h:1", "--token-file", file)).toContain("no token has");
    expect(await said("--live", "--mode", "legacy")).toContain("--live sends probes through Kafka");
    expect(await said("--stream", "quiz-events", "--mode", "legacy")).toContain(
      "what was stored of stream quiz-events without Kafka cannot be proven: no topic says what was taken",
    );
  });
});
