import { once } from "node:events";
import { expect, inject, it } from "vitest";
import { runCli, startCli } from "../support/cli.ts";
import { createTopic, plainKafka, produce, type ProducedMessage } from "../support/produce.ts";
import { testTopicName } from "../support/servers.ts";

const DATABASE = { DATABASE_URL: "postgresql://nobody:none@127.0.0.1:1/none" };

const message = (partition: number, value: string | Buffer | null): ProducedMessage => ({
  key: `k${partition}`,
  value,
  partition,
});

async function world() {
  const brokers = inject("brokers");
  const topic = testTopicName("look");
  await createTopic(brokers, topic, 2, { "retention.ms": "604800000" });
  const env = { KAFKA_BROKERS: brokers.join(",") };
  return {
    brokers,
    topic,
    run: (...words: readonly string[]) => runCli(["topic", ...words, "--topic", topic], { env }),
    start: (...words: readonly string[]) => startCli(["topic", ...words, "--topic", topic], { env }),
  };
}

it("topic status tells what the partitions hold, and how far a group is", async () => {
  const { brokers, topic, run } = await world();
  await produce(brokers, topic, [message(0, "a"), message(0, "b"), message(1, "c")]);
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  await admin.setOffsets({ groupId: `${topic}-g`, topic, partitions: [{ partition: 0, offset: "1" }] });
  await admin.disconnect();
  const { stdout, status } = await run("status", "--group", `${topic}-g`);
  expect(status).toBe(0);
  expect(stdout).toContain("retention.ms=604800000");
  expect(
    stdout
      .split("\n")
      .slice(-3, -1)
      .map((line) => line.trim().split(/\s{2,}/)),
  ).toEqual([
    ["0", "1", "1 of 1", "0", "2", "1", "1"],
    ["1", "1", "1 of 1", "0", "1", "-", "-"],
  ]);
  const look = JSON.parse((await run("status", "-o", "json")).stdout) as Record<string, unknown>;
  expect(look).toMatchObject({ ok: true, name: topic, partitions: [{ high: "2" }, { high: "1" }] });
});

it("a topic is looked at with the group of its own stream, and is not consumed as another's", async () => {
  const env = { KAFKA_BROKERS: inject("brokers").join(","), KAFKA_TOPIC: "quiz-events", ...DATABASE };
  const brokers = inject("brokers");
  await createTopic(brokers, "quiz-events", 1);
  const look = await runCli(["topic", "status", "-o", "json"], { env });
  expect(JSON.parse(look.stdout)).toMatchObject({ ok: true, group: "analytics-event-processors" });
  const consumed = await runCli(["consume", "--until-end"], { env });
  expect(consumed.status).toBe(2);
  expect(consumed.stderr).toContain(
    "topic quiz-events is that of stream quiz-events, and not of cluster-info",
  );
  expect(consumed.stderr).toContain("clusterflow consume --stream quiz-events");
});

it("topic list tells whose the topics are", async () => {
  const { brokers, topic, run } = await world();
  await produce(brokers, topic, [message(0, "a"), message(1, "b")]);
  await createTopic(brokers, "mykart-impressions", 1);
  const { stdout } = await run("list", "-o", "json");
  const { topics } = JSON.parse(stdout) as { topics: readonly { name: string }[] };
  expect(topics).toContainEqual({ name: topic, partitions: 2, offsets: "2", stream: null });
  const older = { name: "mykart-impressions", partitions: 1, offsets: "0", stream: "mykart.impressions" };
  expect(topics).toContainEqual(older);
  const env = { KAFKA_BROKERS: brokers.join(","), KAFKA_TOPIC: older.name, ...DATABASE };
  const consumed = await runCli(["consume", "--until-end"], { env });
  expect(consumed).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("clusterflow consume --stream mykart-impressions") as string,
  });
  expect(topics.some(({ name }) => name.startsWith("__"))).toBe(false);
});

it("topic tail shows the last records, of each partition in order, whatever their bytes", async () => {
  const { brokers, topic, run } = await world();
  await produce(brokers, topic, [
    ...Array.from({ length: 20 }, (_, n) => message(0, `old ${n}`)),
    message(1, Buffer.from([0xff, 0x00])),
    message(1, null),
  ]);
  const { stdout, status } = await run("tail", "--last", "2", "--until-end", "-o", "json");
  expect(status).toBe(0);
  const shown = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(shown).toMatchObject([
    { partition: 0, offset: "18", key: "k0", value: "old 18" },
    { partition: 0, offset: "19", value: "old 19" },
    { partition: 1, offset: "0", valueBase64: "/wA=" },
    { partition: 1, offset: "1", value: null },
  ]);
  expect((await run("tail", "--last", "1", "--until-end")).stdout).toMatch(
    /^0:19 {2}\S+ {2}k0 {2}"?old 19"?\n/,
  );
});

it("topic tail follows what comes until it is told to stop", async () => {
  const { brokers, topic, start } = await world();
  const child = start("tail", "--last", "0");
  let shown = "";
  child.stdout?.on("data", (bytes: Buffer) => (shown += bytes.toString()));
  for (let n = 0; !shown.includes("new") && n < 60; n += 1) {
    await produce(brokers, topic, [message(0, "new")]);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  expect(shown).toContain("new");
  const closed = once(child, "close");
  child.kill("SIGINT");
  expect(await closed).toEqual([0, null]);
});

it("topic names the one that is not there, and what to type", async () => {
  const env = { KAFKA_BROKERS: inject("brokers").join(",") };
  const missing = await runCli(["topic", "status", "--topic", "no-such-topic"], { env });
  expect(missing.status).toBe(2);
  expect(missing.stderr).toMatch(/no-such-topic/);
  expect(missing.stderr).not.toMatch(/\n\s+at /);
  const wrong = await runCli(["topic", "tail", "--last", "x"], { env });
  expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining("--last") as string });
});
