import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { openLedger, resetPosition } from "../../src/postgres/ledger.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import type { Claim } from "../../src/pipeline/ports.ts";
import { testDatabase } from "../support/servers.ts";

const PLACE = { topic: "t", partition: 0 };

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
  await migrate(connection);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(() => connection.script("TRUNCATE clusterflow.offsets"));

async function claim(topicId: string | null, low = 0n): Promise<Claim | undefined> {
  const [claimed] = await openLedger(connection, "g", "test").claim([{ ...PLACE, low, topicId }]);
  return claimed;
}
const moveTo = (next: bigint): Promise<unknown> =>
  connection.query("UPDATE clusterflow.offsets SET next_offset = $1", [next]);

it("begins where the topic does, and raises the epoch with every claim", async () => {
  expect(await claim("a", 7n)).toEqual({ ...PLACE, next: 7n, epoch: 1n, topicId: "a" });
  expect(await claim("a", 9n)).toEqual({ ...PLACE, next: 7n, epoch: 2n, topicId: "a" });
  expect(await openLedger(connection, "g", "test").positionsOf("t")).toEqual(new Map([[0, 7n]]));
});

it("claims behind a write that was on its way", async () => {
  await claim("a");
  await using writer = new Connection(database.settings, "writer");
  await writer.script("BEGIN; UPDATE clusterflow.offsets SET next_offset = 5");
  const claiming = claim("a");
  await expect
    .poll(() =>
      writer.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'test' AND wait_event_type = 'Lock'",
      ),
    )
    .toHaveLength(1);
  await writer.script("COMMIT");
  expect(await claiming).toMatchObject({ next: 5n, epoch: 2n });
});

it("keeps whoever has the partition out once it is put elsewhere, even where it stands", async () => {
  await claim("a");
  await resetPosition(connection, "g", { ...PLACE, next: 0n });
  const epochs = await connection.query("SELECT epoch FROM clusterflow.offsets");
  expect(epochs).toEqual([{ epoch: 2n }]);
});

it("keeps which topic was read, until nothing of it was or the group is put back", async () => {
  await claim("a");
  expect(await claim("b")).toMatchObject({ next: 0n, topicId: "b" });
  await moveTo(5n);
  expect(await claim("c")).toMatchObject({ next: 5n, topicId: "b" });
  expect(await claim(null)).toMatchObject({ topicId: "b" });
  await resetPosition(connection, "g", { ...PLACE, next: 2n });
  expect(await claim("c")).toMatchObject({ next: 2n, topicId: "c" });
});

it("learns which topic it is from brokers that begin to tell", async () => {
  await claim(null);
  await moveTo(5n);
  expect(await claim(null)).toMatchObject({ topicId: null });
  expect(await claim("a")).toMatchObject({ next: 5n, topicId: "a" });
  expect(await claim("b")).toMatchObject({ next: 5n, topicId: "a" });
});
