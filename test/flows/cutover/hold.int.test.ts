import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import type { ClusterflowError } from "../../../src/core/errors.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { lookAtCutover, note, renewCutover, takeCutover } from "../../../src/postgres/cutover/desk.ts";
import { closeTable } from "../../../src/postgres/cutover/moves.ts";
import { runCli, startCli } from "../../support/cli.ts";
import { eachOnce, openShop, STREAM } from "../../support/cutover-world.ts";

it("two at once do the work once", async () => {
  await using shop = await openShop(3_000);
  const starts = await Promise.all([1, 2].map(() => shop.step("start", "--table", "shop.clicks")));
  expect(starts.map(({ status }) => status)).toEqual([0, 0]);
  const both = await Promise.all([1, 2].map(() => shop.step("backfill")));
  expect(both.map(({ status }) => status)).toEqual([0, 0]);
  expect(both.map(({ stdout }) => stdout.split("\n")[0]).toSorted()).toEqual([
    expect.stringContaining("3000 rows of shop.clicks sent"),
    expect.stringContaining("it is done already: 3000 rows"),
  ]);
  const ends = (await shop.ends()).map((range) => Number(range.split("-")[1]));
  expect(ends.reduce((sum, end) => sum + end, 0)).toBe(3_000);
}, 120_000);

it("one that was thought dead changes nothing when it wakes up, and one that is alive is left alone", async () => {
  await using shop = await openShop(3);
  await shop.step("start", "--table", "shop.clicks");
  await using connection = new Connection(shop.database, "test");
  const first = await takeCutover(connection, STREAM, "somebody/1");
  expect(await takeCutover(connection, STREAM, "me")).toEqual({ heldBy: "somebody/1" });
  const epoch = "epoch" in first ? first.epoch : -1n;
  const renewing = setInterval(() => void renewCutover(connection, STREAM, epoch), 1_000);
  const refused = await shop.step("backfill");
  clearInterval(renewing);
  expect(refused).toMatchObject({
    status: 6,
    stderr: expect.stringContaining("another process is at work") as string,
  });

  await shop.sql`UPDATE clusterflow_cutover.cutovers SET held_until = '-infinity'`;
  await takeCutover(connection, STREAM, "another/2");
  const zombie = { stream: STREAM, epoch };
  const close = closeTable(STREAM, { table: ["shop", "clicks"] });
  await expect(
    note(connection, zombie, { step: "finish", state: "finishing", ends: new Map(), first: close }),
  ).rejects.toMatchObject({ code: "fenced" } satisfies Partial<ClusterflowError>);
  await expect(renewCutover(connection, STREAM, epoch)).rejects.toMatchObject({ code: "fenced" });
  expect(await shop.inTable()).toEqual(eachOnce([1, 2, 3]));
  expect((await lookAtCutover(connection, STREAM))?.state).toBe("dual");
}, 60_000);

it("feeding goes on beside the other steps, and ends at a signal", async () => {
  await using shop = await openShop(10);
  await shop.step("start", "--table", "shop.clicks");
  const words = ["cutover", "feed", "--stream", STREAM, "--topic", shop.topic];
  const feeding = startCli(words, { env: shop.env });
  const over = new Promise<number | null>((resolve) => feeding.once("close", resolve));
  await shop.sql`INSERT INTO shop.clicks (product_id) SELECT g FROM generate_series(100, 119) AS g`;
  const waiting = async (): Promise<number> => {
    const [row] = await shop.sql`SELECT count(*)::integer AS waiting FROM clusterflow_cutover.outbox`;
    return Number(row!["waiting"]);
  };
  await expect.poll(waiting, { timeout: 20_000 }).toBe(0);
  expect(await shop.step("backfill")).toMatchObject({ status: 0 });
  await shop.sql`INSERT INTO shop.clicks (product_id) VALUES (200)`;
  await expect.poll(waiting, { timeout: 20_000 }).toBe(0);
  await delay(100);
  feeding.kill("SIGTERM");
  expect(await over).toBe(0);
  await shop.consume();
  expect((await shop.stored()).length).toBe(31);
  const help = await runCli(["cutover", "--help"]);
  expect(help).toMatchObject({ status: 0, stdout: expect.stringContaining("rollback") as string });
}, 60_000);
