import { describe, expect, it } from "vitest";
import { ClusterflowError } from "../../../src/core/errors.ts";
import { storeOnDisk } from "../../../src/pipeline/ingest/elsewhere.ts";
import { Failover } from "../../../src/pipeline/ingest/failover.ts";
import { Groups } from "../../../src/pipeline/ingest/groups.ts";
import type { EventLog, Outcome, Place, Sent, Store } from "../../../src/pipeline/ingest/ports.ts";
import { openSpool } from "../../../src/spool/spool.ts";
import type { OutgoingMessage } from "../../../src/streams/define.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { dice } from "../../support/dice.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const MIB = 1024 * 1024;
const EVENTS = 400;

type Fate = "down" | "away" | "half of it down" | "down, and the answer is lost";

const turn = (): Promise<void> => new Promise(setImmediate);
const tell = (): void => undefined;

/** A topic of one partition, in memory, whose answers go wrong in the ways that a broker's can. */
class Topic implements EventLog {
  readonly name = "Kafka";
  readonly maxMessageBytes = MIB;
  readonly values: string[] = [];
  readonly #fate: () => Fate;

  constructor(fate: () => Fate) {
    this.#fate = fate;
  }

  async send(messages: readonly OutgoingMessage[]): Promise<Sent> {
    await turn();
    const fate = this.#fate();
    const taken = { away: 0, "half of it down": messages.length >> 1 }[fate as string] ?? messages.length;
    const places = messages.slice(0, taken).map(({ value }): Place => {
      this.values.push(value);
      return { partition: 0, offset: BigInt(this.values.length - 1) };
    });
    await turn();
    if (fate === "down") return { places, error: null };
    return { places: fate === "half of it down" ? places : [], error: noAnswer() };
  }

  async probe(): Promise<void> {
    await turn();
    if (this.#fate() !== "down") throw noAnswer();
  }
}

function noAnswer(): ClusterflowError {
  return new ClusterflowError("Kafka: no answer", { code: "unreachable" });
}

/** Mostly well, now and then away for some calls in a row; the last of them may have been stored all the same. */
function moody(random: () => number): () => Fate {
  let away = 0;
  return () => {
    if (away === 0 && random() < 0.9) return "down";
    if (away === 0) away = 1 + Math.floor(random() * 3);
    away -= 1;
    const fates: readonly Fate[] = ["away", "half of it down", "down, and the answer is lost"];
    return fates[Math.floor(random() * fates.length)] ?? "away";
  };
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("events while Kafka comes and goes", () => {
  it("are all in the topic, the first time in their order, and none waits when it is back", async () => {
    await using folder = await temporaryFolder();
    await using line = await openSpool({ dir: folder.path, maxBytes: 64 * MIB, minFreeBytes: 0, tell });
    const random = dice(SEED);
    const topic = new Topic(moody(random));
    const failover = new Failover({ kafka: topic, line, elsewhere: storeOnDisk(line, tell), tell });
    const posted = await post(failover, random);
    await until(() => !failover.isAway);
    await failover.close();

    expect(posted.kinds).toEqual(new Set(["kafka", "spool"]));
    expect(line.depth.entries).toBe(0);
    expect([...new Set(topic.values)], `SEED=${SEED}`).toEqual(posted.values);
  });

  it("are not overtaken while they are on their way to the disk", async () => {
    await using folder = await temporaryFolder();
    await using line = await openSpool({ dir: folder.path, maxBytes: 64 * MIB, minFreeBytes: 0, tell });
    let isThere = false;
    const topic = new Topic(() => (isThere ? "down" : "away"));
    const disk = storeOnDisk(line, tell);
    const slowDisk: Store = async (messages) => {
      isThere = true;
      await failover.backWithin(1_000);
      return await disk(messages);
    };
    const failover = new Failover({ kafka: topic, line, elsewhere: slowDisk, tell });
    const groups = new Groups(failover.store);
    const first = groups.add([{ key: "k", value: "first", headers: {} }]);
    const second = groups.add([{ key: "k", value: "second", headers: {} }]);
    await Promise.all([first, second]);
    await failover.backWithin(10_000);
    await failover.close();
    expect(topic.values).toEqual(["first", "second"]);
  });

  it("are all in the topic, in their order, also when the process ends now and then", async () => {
    await using folder = await temporaryFolder();
    const random = dice(SEED + 1);
    const topic = new Topic(moody(random));
    const posted: string[] = [];
    for (let life = 0; life < 4; life += 1) {
      await using line = await openSpool({ dir: folder.path, maxBytes: 64 * MIB, minFreeBytes: 0, tell });
      const failover = new Failover({ kafka: topic, line, elsewhere: storeOnDisk(line, tell), tell });
      posted.push(...(await post(failover, random, `${life}-`)).values);
      if (life === 3) await until(() => !failover.isAway);
      await failover.close();
    }
    expect([...new Set(topic.values)], `SEED=${SEED}`).toEqual(posted);
  });
});

/** Posts one after the other or several at once, and waits now and then until Kafka is back. */
async function post(
  failover: Failover,
  random: () => number,
  prefix = "",
): Promise<{ values: string[]; kinds: Set<Outcome["kind"]> }> {
  const groups = new Groups(failover.store);
  const answers: Promise<readonly Outcome[]>[] = [];
  const values = Array.from({ length: EVENTS }, (_, n) => `${prefix}${n}`);
  for (const value of values) {
    answers.push(groups.add([{ key: "k", value, headers: {} }]));
    if (random() < 0.3) await answers.at(-1);
    if (random() < 0.03) await failover.backWithin(random() * 1000);
  }
  const kinds = (await Promise.all(answers)).flat().map(({ kind }) => kind);
  return { values, kinds: new Set(kinds) };
}
