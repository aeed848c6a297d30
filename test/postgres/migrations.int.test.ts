import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import type { Report } from "../../src/core/report.ts";
import { Connection, type Row } from "../../src/postgres/connection.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { clusterInfo } from "../../src/streams/cluster-info/stream.ts";
import { snapshotLoad } from "../support/produce.ts";
import { testDatabase } from "../support/servers.ts";
import { pod, snapshotRows } from "../support/snapshot-rows.ts";

/** The SQL of the migrations, through the one function that the writers call. */
let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
const told: Report[] = [];

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test", (report) => void told.push(report));
  await migrate(connection);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.script(
    "TRUNCATE clusterflow.clusters, clusterflow.snapshots, public.cluster_snapshots, clusterflow.object_versions CASCADE",
  );
});

async function write(rows: readonly JsonObject[]): Promise<void> {
  await connection.query("SELECT clusterflow.write_cluster_info($1::text::jsonb, 'direct')", [
    JSON.stringify(rows),
  ]);
}
async function rows(text: string): Promise<readonly Row[]> {
  return connection.query(text);
}
async function status(snapshot: unknown): Promise<unknown> {
  return (
    await rows(`SELECT status, reason FROM clusterflow.snapshots WHERE snapshot = '${String(snapshot)}'`)
  )[0];
}
const PODS = "SELECT snapshot_id::integer AS s, name, phase FROM pods ORDER BY snapshot_id, name";

describe("a snapshot is sealed", () => {
  it("shows nothing before its manifest, all of it after", async () => {
    const all = snapshotRows([pod("a"), pod("b")]);
    await write(all.slice(0, -1));
    expect(await rows("SELECT count(*)::integer AS n FROM cluster_snapshots")).toEqual([{ n: 0 }]);
    expect(await rows(PODS)).toEqual([]);
    await write(all.slice(-1));
    expect(await rows("SELECT seq::integer, objects, transport FROM cluster_snapshots")).toEqual([
      { seq: 1, objects: 2, transport: "direct" },
    ]);
    expect((await rows(PODS)).map((row) => row["name"])).toEqual(["a", "b"]);
    expect(await rows("SELECT * FROM clusterflow.staged_objects")).toEqual([]);
    expect(await rows("SELECT * FROM clusterflow.snapshot_parts")).toEqual([]);
  });

  it("is stored once however often and in whatever order its messages come", async () => {
    const all = snapshotRows([pod("a"), pod("b"), pod("c")]);
    await write([...all].reverse());
    const before = await rows("SELECT * FROM clusterflow.object_versions ORDER BY id");
    expect(before).toHaveLength(3);
    await write(all);
    await write([...all, ...all]);
    expect(await rows("SELECT * FROM clusterflow.object_versions ORDER BY id")).toEqual(before);
    expect(await rows("SELECT count(*)::integer AS n FROM cluster_snapshots")).toEqual([{ n: 1 }]);
    expect(await rows("SELECT * FROM clusterflow.staged_objects")).toEqual([]);
  });

  it("waits for a part that is missing and settles when it comes", async () => {
    const all = snapshotRows([pod("a"), pod("b")]);
    await write(all.filter((_, index) => index !== 2));
    expect(await status(all[0]!["snapshot"])).toEqual({ status: "open", reason: null });
    await write([all[2]!]);
    expect(await status(all[0]!["snapshot"])).toEqual({ status: "applied", reason: null });
  });

  it("is refused as a whole when what came is not what the manifest says", async () => {
    const snapshot = randomUUID();
    const all = snapshotRows([pod("a"), pod("b")], { snapshot });
    told.length = 0;
    const forged = all.map((row) =>
      row["part"] === 2
        ? { ...row, digest: "1", items: [{ ...(row["items"] as JsonObject[])[0]!, hash: "0" }] }
        : row,
    );
    await write(forged);
    const reason = "pods: the digest of what came is not the manifest's";
    expect(await status(snapshot)).toEqual({ status: "mismatched", reason });
    const text = `snapshot ${snapshot} is mismatched, and nothing of it is stored: ${reason}`;
    expect(told).toEqual([{ kind: "warning", text }]);
    expect(await rows("SELECT * FROM cluster_snapshots")).toEqual([]);
    expect(await rows("SELECT * FROM clusterflow.object_versions")).toEqual([]);
  });

  it("names the counts when one uid came twice", async () => {
    const all = snapshotRows([pod("a"), pod("b", "Running", "uid-a")]);
    await write(all);
    expect(await status(all[0]!["snapshot"])).toEqual({
      status: "mismatched",
      reason: "pods: the manifest says 2 objects, 1 came",
    });
  });

  it("is refused when a snapshot's messages name two clusters", async () => {
    const all = snapshotRows([pod("a")]);
    await write(all.slice(0, 1));
    await expect(write([{ ...all[1]!, cluster: "c-2" }])).rejects.toMatchObject({ code: "22023" });
  });

  it("leaves nothing when it was aborted", async () => {
    const all = snapshotRows([pod("a")]);
    await write(all.slice(0, 2));
    await write([{ op: "abort", snapshot: all[0]!["snapshot"]!, cluster: "c-1", reason: "interrupted" }]);
    await write(all.slice(2));
    expect(await status(all[0]!["snapshot"])).toEqual({ status: "aborted", reason: "interrupted" });
    expect(await rows("SELECT * FROM clusterflow.staged_objects")).toEqual([]);
    expect(await rows("SELECT * FROM cluster_snapshots")).toEqual([]);
  });
});

/** A few pods in one of two phases each; `order` is the one in which the snapshots come. */
const histories = fc
  .array(fc.uniqueArray(fc.constantFrom("a+", "a-", "b+", "b-", "c+"), { selector: ([name]) => name }), {
    minLength: 2,
    maxLength: 6,
  })
  .chain((snapshots) =>
    fc.record({
      snapshots: fc.constant(snapshots),
      order: fc.shuffledSubarray([...snapshots.keys()], { minLength: snapshots.length }),
    }),
  );
const nameOf = (state: string): string => `${state[0]}:${state[1] === "+" ? "Running" : "Failed"}`;

function rowsOfState(
  state: readonly string[],
  n: number,
  cluster: string,
  status = "complete",
): JsonObject[] {
  const pods = state.map(([name, phase]) => pod(name!, phase === "+" ? "Running" : "Failed"));
  return snapshotRows(pods, {
    cluster,
    status,
    startedAt: new Date(n * 1000).toISOString(),
    snapshot: randomUUID(),
  });
}
const empty = (): Promise<void> =>
  connection.script("TRUNCATE clusterflow.clusters, clusterflow.snapshots, cluster_snapshots CASCADE");
const historyOf = (cluster: string): Promise<readonly Row[]> =>
  connection.query(
    "SELECT uid, hash, valid_from, valid_to FROM clusterflow.object_versions WHERE cluster_id = $1 ORDER BY uid, valid_from",
    [cluster],
  );
function latestBefore(n: number, contents: ReadonlyMap<string, string>): readonly string[] {
  const last = Math.max(...[...contents.keys()].map(Number).filter((at) => at < n));
  return JSON.parse(contents.get(String(last)) ?? "[]") as string[];
}
const CONTENTS = `
  SELECT extract(epoch FROM s."timestamp")::integer::text AS at,
         (SELECT coalesce(jsonb_agg(p.name || ':' || p.phase ORDER BY p.name), '[]') FROM pods p WHERE p.snapshot_id = s.id) AS pods
    FROM cluster_snapshots s`;
const OVERLAPS = `
  SELECT uid FROM (SELECT uid, to_seq, lead(from_seq) OVER (PARTITION BY uid ORDER BY from_seq) AS next_from
                     FROM clusterflow.object_versions) v
   WHERE next_from < to_seq OR (to_seq IS NULL AND next_from IS NOT NULL)`;

describe("history is versions", () => {
  const day = (n: number): { startedAt: string } => ({ startedAt: `2026-05-0${n}T00:00:00Z` });

  it("keeps one version of what did not change, and shows each snapshot as it was", async () => {
    await write(snapshotRows([pod("a"), pod("b")], day(1)));
    await write(snapshotRows([pod("a"), pod("b", "Failed"), pod("c")], day(2)));
    await write(snapshotRows([pod("a"), pod("c")], day(3)));
    expect(
      await rows(
        "SELECT name, from_seq::integer, to_seq::integer FROM clusterflow.object_versions ORDER BY name, from_seq",
      ),
    ).toEqual([
      { name: "a", from_seq: 1, to_seq: null },
      { name: "b", from_seq: 1, to_seq: 2 },
      { name: "b", from_seq: 2, to_seq: 3 },
      { name: "c", from_seq: 2, to_seq: null },
    ]);
    const seen = (await rows(PODS)).map((row) => `${String(row["name"])}:${String(row["phase"])}`);
    expect(seen).toEqual([
      "a:Running",
      "b:Running",
      "a:Running",
      "b:Failed",
      "c:Running",
      "a:Running",
      "c:Running",
    ]);
  });

  it.each(["partial", "forbidden", "not_served", "error"])(
    "takes no deletion from a kind that is %s",
    async (kindStatus) => {
      await write(snapshotRows([pod("a"), pod("b")], day(1)));
      await write(
        snapshotRows(kindStatus === "partial" ? [pod("a")] : [], { ...day(2), status: kindStatus }),
      );
      expect(
        await rows(
          "SELECT name, stale FROM pods WHERE snapshot_id = (SELECT max(id) FROM cluster_snapshots) ORDER BY name",
        ),
      ).toEqual([
        { name: "a", stale: true },
        { name: "b", stale: true },
      ]);
    },
  );

  it("drops what was staged for a snapshot that never ended when one of more than a day later is applied", async () => {
    const dead = snapshotRows([pod("x")], day(1));
    await write(dead.slice(0, 2));
    await write(snapshotRows([pod("a")], day(2)));
    expect(await status(dead[0]!["snapshot"])).toMatchObject({ status: "open" });
    await write(snapshotRows([pod("a")], day(3)));
    expect(await status(dead[0]!["snapshot"])).toMatchObject({ status: "superseded" });
    expect(await rows("SELECT * FROM clusterflow.staged_objects")).toEqual([]);
  });

  it("applies both of two snapshots that were read at the same time, whichever is sealed first", async () => {
    const slow = snapshotRows([pod("a"), pod("b")], { ...day(1), snapshot: randomUUID() });
    const quick = snapshotRows([pod("a")], { ...day(2), snapshot: randomUUID() });
    await write(slow.slice(0, 2));
    await write(quick);
    await write(slow.slice(2));
    expect(await status(slow[0]!["snapshot"])).toEqual({ status: "applied", reason: null });
    expect(await rows("SELECT snapshot FROM clusterflow.latest")).toEqual([
      { snapshot: quick[0]!["snapshot"] },
    ]);
    expect(
      await rows(
        'SELECT s."timestamp"::text AS at, p.name FROM pods p JOIN cluster_snapshots s ON s.id = p.snapshot_id ORDER BY 1, 2',
      ),
    ).toMatchObject([{ name: "a" }, { name: "b" }, { name: "a" }]);
  });

  it("comes out the same in whatever order the snapshots come", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ snapshots, order }) => {
        await empty();
        for (const n of snapshots.keys()) await write(rowsOfState(snapshots[n]!, n, "in-order"));
        for (const n of order) await write(rowsOfState(snapshots[n]!, n, "shuffled"));
        expect(await historyOf("shuffled")).toEqual(await historyOf("in-order"));
      }),
      { numRuns: 60 },
    );
  });

  it("changes nothing of what other snapshots show, also where kinds could not be listed", async () => {
    const seen = async (): Promise<Map<string, string>> =>
      new Map((await rows(CONTENTS)).map((row) => [String(row["at"]), JSON.stringify(row["pods"])]));
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.array(fc.constantFrom("complete", "partial", "forbidden")),
        async (history, statuses) => {
          await empty();
          for (const n of history.order) {
            const before = await seen();
            const kindStatus = statuses[n] ?? "complete";
            const state = kindStatus === "forbidden" ? [] : history.snapshots[n]!;
            await write(rowsOfState(state, n, "c-1", kindStatus));
            const after = await seen();
            for (const [at, pods] of before) expect(after.get(at)).toBe(pods);
            const shown = JSON.parse(after.get(String(n)) ?? "[]") as string[];
            const known = kindStatus === "complete" ? [] : latestBefore(n, before);
            const unseen = known.filter((one) => !state.some((other) => other[0] === one[0]));
            expect(shown).toEqual([...unseen, ...state.map(nameOf)].sort());
          }
          expect(await rows(OVERLAPS)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps clusters apart, also when their objects share a uid", async () => {
    await write(snapshotRows([pod("a")], { cluster: "c-1" }));
    await write(snapshotRows([], { cluster: "c-2" }));
    expect(
      await rows("SELECT count(*)::integer AS n FROM clusterflow.object_versions WHERE to_seq IS NULL"),
    ).toEqual([{ n: 1 }]);
  });

  it("applies two snapshots of one cluster one after the other when two writers bring them at once", async () => {
    await using other = new Connection(database.settings, "test");
    const first = snapshotRows([pod("a")], { ...day(1), snapshot: randomUUID() });
    const second = snapshotRows([pod("a"), pod("b")], { ...day(2), snapshot: randomUUID() });
    await Promise.all([
      write(first),
      other.query("SELECT clusterflow.write_cluster_info($1::text::jsonb, 'direct')", [
        JSON.stringify(second),
      ]),
    ]);
    expect(await status(second[0]!["snapshot"])).toMatchObject({ status: "applied" });
    expect(await rows('SELECT objects FROM cluster_snapshots ORDER BY "timestamp"')).toEqual([
      { objects: 1 },
      { objects: 2 },
    ]);
  });
});

it("answers the whole snapshot as one document, as a column of cluster_snapshots", async () => {
  await write(snapshotRows([pod("a"), pod("b")]));
  expect(
    await rows(
      "SELECT jsonb_array_length(s.data->'pods') AS pods, s.data->'nodes' AS nodes FROM cluster_snapshots s",
    ),
  ).toEqual([{ pods: 2, nodes: [] }]);
});

it("takes the second snapshot of many objects in a time like the first's", async () => {
  const messages = snapshotLoad({ cluster: "many", snapshots: 2, pods: 12_000, limit: 1_000_000 });
  const decoded = messages.flatMap(({ key, value }) => {
    const record = { key: Buffer.from(key), value: Buffer.from(value), timestamp: 0 };
    const rowsOfOne = clusterInfo.decode(record);
    return rowsOfOne.kind === "rows" ? rowsOfOne.rows : [];
  });
  const half = decoded.length / 2;
  const first = await secondsOf(write(decoded.slice(0, half)));
  const second = await secondsOf(write(decoded.slice(half)));
  expect(await rows("SELECT seq::integer, objects FROM cluster_snapshots ORDER BY seq")).toEqual([
    { seq: 1, objects: 12_000 },
    { seq: 2, objects: 12_000 },
  ]);
  // each object compared with each took ten times as long
  expect(second / first).toBeLessThan(4);
});

async function secondsOf(work: Promise<void>): Promise<number> {
  const begun = performance.now();
  await work;
  return (performance.now() - begun) / 1000;
}
