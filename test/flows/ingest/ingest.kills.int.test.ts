import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { dice } from "../../support/dice.ts";
import { kafkaEnvironment, startCli, temporaryFolder } from "../../support/cli.ts";
import { SECRET } from "../../support/gateway-world.ts";
import { client, consumeAll } from "../../support/ingest-world.ts";
import { idsInTopic, metric, postSession, storedIds, until } from "../../support/posted-events.ts";
import { testDatabase, testTopicName } from "../../support/servers.ts";

const KIT = resolve(import.meta.dirname, "../../faults/kit.mjs");
const SESSIONS = ["s1", "s2", "s3", "s4"];
const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
/** Nothing listens there. */
const AWAY = ["127.0.0.1:1"];

interface Child {
  readonly url: string;
  readonly ended: Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
}

async function start(folder: string, topic: string, brokers: readonly string[], fault = ""): Promise<Child> {
  const child = startCli(["ingest"], {
    nodeArguments: ["--import", KIT],
    cwd: folder,
    env: {
      ...kafkaEnvironment(brokers, topic),
      JWT_SECRET: SECRET,
      PORT: "0",
      CLUSTERFLOW_SPOOL_DIR: `${folder}/spool`,
      ...(fault === "" ? {} : { FAULT: fault }),
    },
  });
  const ended = once(child, "exit");
  let heard = "";
  child.stderr!.on("data", (chunk) => (heard += String(chunk)));
  const urlOf = (): string | undefined => /taken at (\S+)/.exec(heard)?.[1];
  await Promise.race([ended, until(() => Promise.resolve(urlOf() !== undefined), 20_000)]);
  return { url: urlOf() ?? "", ended, kill: (signal) => child.kill(signal) };
}

/** Posts until the process is dead, and tells what it had acknowledged. */
async function postToDeath(child: Child, from: number): Promise<string[]> {
  let isAlive = true;
  void child.ended.then(() => (isAlive = false));
  const { post } = client(child.url);
  const all = SESSIONS.map((session) => postSession(`${session}-${from}`, post, () => isAlive));
  return (await Promise.all(all)).flatMap(({ acknowledged }) => acknowledged);
}

it.each(["spool-written:kill:9", "spool-synced:kill:9", "at random"])(
  `killed while it spools (%s) and at each step of the replay, it loses and doubles nothing (SEED=${SEED})`,
  { timeout: 120_000 },
  async (fault) => {
    await using database = await testDatabase();
    await using folder = await temporaryFolder();
    const topic = testTopicName("kills");
    const brokers = inject("brokers");
    const random = dice(SEED);

    const spooling = await start(folder.path, topic, AWAY, fault === "at random" ? "" : fault);
    const posting = postToDeath(spooling, 0);
    if (fault === "at random") setTimeout(() => spooling.kill("SIGKILL"), 500 + random() * 500);
    const acknowledged = await posting;
    expect(acknowledged.length).toBeGreaterThan(4);

    for (const point of ["spool-replayed", "spool-cursor", "spool-confirmed"]) {
      const replaying = await start(folder.path, topic, brokers, `${point}:kill:1`);
      expect(await Promise.race([replaying.ended, delay(20_000)])).toEqual([null, "SIGKILL"]);
    }
    const hasty = await start(folder.path, topic, brokers);
    setTimeout(() => hasty.kill("SIGKILL"), random() * 100);
    await hasty.ended;
    const last = await start(folder.path, topic, brokers);
    await until(async () => (await metric(last.url, "clusterflow_ingest_kafka_away")) === 0);
    last.kill("SIGTERM");
    expect(await last.ended).toEqual([0, null]);

    const inTopic = await idsInTopic(brokers, topic);
    for (const [session, ids] of inTopic) {
      const numbers = ids.map((id) => Number(id.slice(session.length + 1)));
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    }
    await consumeAll(brokers, topic, database.settings);
    const stored = await storedIds(database.settings);
    expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([]);
    // an answer that a kill swallowed: one for each session at most
    expect(stored.length).toBeLessThanOrEqual(acknowledged.length + SESSIONS.length);
    expect(new Set(stored).size).toBe(stored.length);
  },
);
