import { expect } from "vitest";
import type { Fault } from "./fault.ts";
import { reconcile } from "./reconcile.ts";
import { World, type Servers } from "./world.ts";

/** There before anybody reads: several batches for each partition. */
const BACKLOG = 12_000;
const WIRES = { "Kafka's wire": "kafka", "PostgreSQL's wire": "postgres" } as const;

/** One fault while records move; then everybody leaves, a last process comes to the end, and all is counted. */
export async function prove(fault: Fault, servers: Servers): Promise<void> {
  const { kind, at, members } = fault;
  const wires = kind === "Kafka's wire" || kind === "PostgreSQL's wire" ? WIRES[kind] : "none";
  await using world = await new World({ servers, wires }).open();
  await world.feed.burst(BACKLOG);
  world.feed.start(fault.perSecond);
  world.startMember({ fault: at === undefined ? null : `${at.point}:${kind}:${at.nth}` });
  for (let n = 1; n < members; n += 1) world.startMember();
  await fault.inject(world);
  await world.feed.stop();
  await world.dismiss();
  await world.finish();
  expect(await reconcile(world)).toEqual([]);
  if (fault.isFenced) expect(world.members[0]?.of("write-refused").length).toBeGreaterThan(0);
}
