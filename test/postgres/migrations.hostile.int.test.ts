import { expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { Connection, type Row } from "../../src/postgres/connection.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { testDatabase } from "../support/servers.ts";
import { pod, snapshotRows } from "../support/snapshot-rows.ts";

/** Writes the rows of snapshots into a database of their own; answers what became of each. */
async function settled(...snapshots: readonly (readonly JsonObject[])[]): Promise<readonly Row[]> {
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "test");
  await migrate(connection);
  for (const rows of snapshots) {
    await connection.query("SELECT clusterflow.write_cluster_info($1::text::jsonb, 'direct')", [
      JSON.stringify(rows),
    ]);
  }
  return await connection.query("SELECT status, reason FROM clusterflow.snapshots ORDER BY started_at");
}

it("does not let a snapshot of the year 9999 supersede every later one of its cluster", async () => {
  const rows = await settled(
    snapshotRows([pod("a")], { startedAt: "9999-01-01T00:00:00Z" }),
    snapshotRows([pod("b")], { startedAt: "2026-05-01T00:00:00Z" }),
  );
  const reason = expect.stringContaining("in the future") as string;
  expect(rows).toEqual([
    { status: "applied", reason: null },
    { status: "mismatched", reason },
  ]);
});

it("calls a snapshot mismatched whose kind told its result twice", async () => {
  const rows = snapshotRows([pod("a")]);
  const end = rows.at(-1)!;
  const again = { ...rows.find(({ op }) => op === "kind")!, part: Number(end["parts"]) + 1 };
  const twice = [...rows.slice(0, -1), again, { ...end, parts: again.part }];
  expect(await settled(twice)).toEqual([{ status: "mismatched", reason: "pods: its result came twice" }]);
});
