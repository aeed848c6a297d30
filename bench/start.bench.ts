import { expect, inject, it } from "vitest";
import { TABLES } from "../test/support/event-streams.mjs";
import { createTopic } from "../test/support/produce.ts";
import { testTopicName } from "../test/support/servers.ts";
import { endMember, groupName, startMember } from "./contestants/ours.ts";
import { produceEvents, ROUNDS } from "./load/events.ts";
import { median, report } from "./measure/cli.ts";
import { waitForRows } from "./measure/run.ts";
import { Store } from "./measure/store.ts";
import { goalsTable } from "./measure/table.ts";

const EVENTS = 1000;

it("has its first row soon after its birth, in a fresh database and in one it knows", async () => {
  const seconds: [first: number, again: number][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const topic = testTopicName("start");
    await createTopic(inject("brokers"), topic, 6);
    await using store = await Store.open(TABLES["append"]!);
    const group = groupName();
    const first = await startToFirstRow(store, topic, group, 0);
    seconds.push([first, await startToFirstRow(store, topic, group, EVENTS)]);
    const { lost, doubled } = await store.reconcile(2 * EVENTS);
    expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
  }
  const [first, again] = [0, 1].map((at) => median(seconds.map((each) => each[at]!)));
  report(
    goalsTable([
      { what: "start to first row, fresh database, s", value: first!, atMost: 2 },
      { what: "start to first row, again, s", value: again!, atMost: 2 },
    ]),
  );
});

async function startToFirstRow(store: Store, topic: string, group: string, from: number): Promise<number> {
  await produceEvents(topic, from, from + EVENTS);
  const begun = Date.now();
  const member = startMember(store, group, { stream: "append", topic });
  try {
    await waitForRows(store, { rows: from + EVENTS, pid: member.pid! });
  } finally {
    await endMember(member);
  }
  return ((await store.commits()).find(({ at }) => at > begun)!.at - begun) / 1000;
}
