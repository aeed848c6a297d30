import ConsumerGroup from "kafkajs/src/consumer/consumerGroup.js";
import { expect, it } from "vitest";
import { patchFetches } from "../../src/kafka/fetch-patch.ts";

const BOTH = [{ topic: "t", partitions: [0, 1] }];
const THREE = [{ topic: "t", partitions: [0, 1, 2] }];

/** Of kafkajs's own making; `asked` are the waits it had when it came to ask the cluster. */
function openGroup(maxWaitTime: number): { readonly group: ConsumerGroup; readonly asked: number[] } {
  patchFetches();
  const logger = { namespace: () => logger, info: () => undefined };
  const group = Reflect.construct(ConsumerGroup, [
    {
      logger,
      instrumentationEmitter: { emit: () => undefined },
      topics: [],
      retry: {},
      maxWaitTimeInMs: maxWaitTime,
    },
  ]) as ConsumerGroup;
  const asked: number[] = [];
  const refreshMetadataIfNecessary = (): Promise<void> => {
    asked.push(group.maxWaitTime);
    return Promise.reject(new Error("no cluster here"));
  };
  Object.assign(group, { cluster: { refreshMetadataIfNecessary }, recoverFromFetch: () => undefined });
  group.subscriptionState.assign(BOTH);
  return { group, asked };
}

it("wakes a member that sleeps since everything is paused as soon as one partition is resumed", async () => {
  const { group, asked } = openGroup(600_000);
  group.pause(BOTH);
  const fetched = group.fetch("1");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked).toEqual([]);
  group.resume([{ topic: "t", partitions: [1] }]);
  await fetched;
  expect(asked).toHaveLength(1);
});

it("does not wait long for records of some partitions while another is paused with its backlog", async () => {
  const { group, asked } = openGroup(600_000);
  group.resume(BOTH);
  group.pause([{ topic: "t", partitions: [1] }]);
  await group.fetch("1");
  group.resume(BOTH);
  await group.fetch("1");
  expect(asked).toEqual([10, 600_000]);
});

it("waits as ever when what is paused was not resumed for long, as while the database is away", async () => {
  const { group, asked } = openGroup(600_000);
  group.pause([{ topic: "t", partitions: [1] }]);
  await group.fetch("1");
  expect(asked).toEqual([600_000]);
});

it("sleeps once and not twice when nothing is resumed, and then waits for records as ever", async () => {
  const { group, asked } = openGroup(50);
  group.pause(BOTH);
  await group.fetch("1");
  group.resume(BOTH);
  await group.fetch("1");
  expect(asked).toEqual([0, 50]);
});

it("asks for another partition first each time, so that none of them has to wait for the others' backlog", async () => {
  const { group } = openGroup(50);
  group.subscriptionState.assign(THREE);
  const firsts: (number | undefined)[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    await group.fetch("1");
    const [asked] = group.subscriptionState.assigned();
    expect(asked!.partitions.toSorted()).toEqual([0, 1, 2]);
    firsts.push(asked!.partitions[0]);
  }
  expect(firsts).toEqual([1, 2, 0, 1, 2, 0]);
});
