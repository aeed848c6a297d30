import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { verify, type VerifyOptions } from "../../src/flows/verify.ts";
import type { CheckId } from "../../src/pipeline/proof/check.ts";
import type { Proof } from "../../src/pipeline/proof/proof.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { objectsAt } from "../../src/postgres/proof/objects.ts";
import { testDatabase } from "../support/servers.ts";
import { pod, snapshotRows } from "../support/snapshot-rows.ts";
import { EMPTIED } from "../support/emptied.ts";

/** What `verify` reads of the database, in mode legacy: rows of the real writer, then damaged on purpose. */
let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
const run = { tell: () => undefined, signal: new AbortController().signal };

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function proofOf(options: VerifyOptions = {}): Promise<Proof> {
  return verify({ database: database.settings }, options, run);
}
function failing({ checks }: Proof): readonly CheckId[] {
  return checks.filter(({ status }) => status === "failed").map(({ id }) => id);
}
function detailOf({ checks }: Proof, id: CheckId): string {
  return checks.find((check) => check.id === id)?.detail ?? "";
}
async function write(rows: readonly JsonObject[]): Promise<void> {
  await connection.query("SELECT clusterflow.write_cluster_info($1::text::jsonb, 'direct')", [
    JSON.stringify(rows),
  ]);
}

it("says that nothing was ever collected, in a database that never saw clusterflow", async () => {
  expect(await proofOf()).toMatchObject({
    verdict: "in-flight",
    sentence: "in flight: no snapshot was ever collected into this database: there is nothing to prove yet",
    hint: "clusterflow collect",
  });
});

describe("a database with three snapshots", () => {
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  const names = Array.from({ length: 450 }, (_, n) => `p-${n}`); // more than two pages

  beforeEach(async () => {
    await connection.script(EMPTIED);
    await migrate(connection);
    const pods = names.map((name) => pod(name));
    await write(snapshotRows(pods.slice(0, 400), { snapshot: first, startedAt: "2026-05-01T00:00:00Z" }));
    const changed = names.slice(50).map((name, n) => pod(name, n % 2 === 0 ? "Failed" : "Running"));
    await write(snapshotRows(changed, { snapshot: second, startedAt: "2026-05-02T00:00:00Z" }));
    await write(snapshotRows(changed.slice(1), { snapshot: third, startedAt: "2026-05-03T00:00:00Z" }));
  });

  it("is proven by its latest snapshot", async () => {
    const proof = await proofOf();
    expect(proof.sentence).toBe("proven: 399 objects of 1 kind collected = stored; 0 lost, 0 double");
    expect(proof).toMatchObject({ verdict: "proven", hint: null, mode: "legacy", partitions: [] });
    expect(proof.snapshots).toMatchObject([{ snapshot: third, status: "applied", lies: null }]);
    expect(proof.checks.map(({ id, status }) => [id, status])).toEqual([
      ["stored", "ok"],
      ["counts", "ok"],
      ["digest", "ok"],
      ["double", "ok"],
    ]);
  });

  it("is proven snapshot by snapshot, as each of them was", async () => {
    expect((await proofOf({ all: true })).sentence).toContain(
      "1199 objects in 3 snapshots collected = stored",
    );
    const one = await proofOf({ snapshot: first.toUpperCase() });
    expect(one.snapshots).toMatchObject([
      { snapshot: first, kinds: [{ collected: 400, stored: 400, digest: "same" }] },
    ]);
  });

  it("does not have a snapshot that is asked for by another id", async () => {
    const unknown = randomUUID();
    expect((await proofOf({ snapshot: unknown })).sentence).toBe(
      `wrong: snapshot ${unknown} is not in the database`,
    );
  });

  // the first object is there once, so that every page ends between the two rows of another
  it("reads every row once, though pages end between objects that are there twice", async () => {
    await connection.script(`
      ALTER TABLE clusterflow.object_versions DROP CONSTRAINT object_versions_pkey;
      DROP INDEX clusterflow.object_versions_open;
      INSERT INTO clusterflow.object_versions (cluster_id, api_group, resource, uid, from_seq, valid_from, api_version, kind, name, hash, doc)
      SELECT cluster_id, api_group, resource, uid, from_seq, valid_from, api_version, kind, name, hash, doc
        FROM clusterflow.object_versions WHERE to_seq IS NULL AND uid <> (
          SELECT min(uid) FROM clusterflow.object_versions WHERE to_seq IS NULL)`);
    const ids: string[] = [];
    for await (const page of objectsAt(connection, {
      cluster: "c-1",
      group: "",
      resource: "pods",
      seq: "3",
    })) {
      ids.push(...page.map(({ uid }) => uid));
    }
    expect([ids.length, new Set(ids).size]).toEqual([797, 399]);
  });

  describe("is wrong", () => {
    it.each<[string, string, readonly CheckId[], string]>([
      [
        "when an object is gone",
        "DELETE FROM clusterflow.object_versions WHERE name = 'p-77' AND to_seq IS NULL",
        ["counts", "digest"],
        "pods: 399 collected, 398 stored",
      ],
      [
        "when an object is closed too early",
        "UPDATE clusterflow.object_versions SET to_seq = 3 WHERE name = 'p-77' AND to_seq IS NULL",
        ["counts", "digest"],
        "pods: 399 collected, 398 stored",
      ],
      [
        "when a document was changed",
        `UPDATE clusterflow.object_versions SET doc = jsonb_set(doc, '{status,phase}', '"Gone"') WHERE name = 'p-77' AND to_seq IS NULL`,
        ["digest"],
        "pods: 1 documents are not those of their stored hash, such as shop/p-77 (uid uid-p-77)",
      ],
      [
        "when a hash was changed",
        "UPDATE clusterflow.object_versions SET hash = repeat('0', 64) WHERE name = 'p-77' AND to_seq IS NULL",
        ["digest"],
        "pods: 1 documents are not those of their stored hash, such as shop/p-77 (uid uid-p-77)",
      ],
      [
        "when an object took another's uid",
        "UPDATE clusterflow.object_versions SET uid = 'other' WHERE name = 'p-77' AND to_seq IS NULL",
        ["digest"],
        "pods: the digest of what is stored is not the manifest's",
      ],
      [
        "when the row of an applied snapshot is gone",
        `DELETE FROM public.cluster_snapshots WHERE seq = 3`,
        ["stored", "counts", "digest"],
        "was applied, but cluster_snapshots has no row of it",
      ],
      [
        "when the row of an older snapshot is gone",
        `DELETE FROM public.cluster_snapshots WHERE seq = 1`,
        ["stored"],
        `snapshot ${first} was applied, but cluster_snapshots has no row of it`,
      ],
      [
        "when a snapshot has two rows",
        `ALTER TABLE public.cluster_snapshots DROP CONSTRAINT cluster_snapshots_snapshot_key;
         INSERT INTO public.cluster_snapshots ("timestamp", snapshot, cluster_id, cluster_name, seq, finished_at, transport, consistency, objects, digest)
         SELECT "timestamp", snapshot, cluster_id, cluster_name, 9, finished_at, transport, consistency, objects, digest
           FROM public.cluster_snapshots WHERE seq = 2`,
        ["stored", "double"],
        `snapshot ${second} is in cluster_snapshots 2 times`,
      ],
      [
        "when two snapshots of a cluster have one number",
        `ALTER TABLE public.cluster_snapshots DROP CONSTRAINT cluster_snapshots_cluster_id_seq_key;
         UPDATE public.cluster_snapshots SET seq = 1 WHERE seq = 2`,
        ["double"],
        "1 sequence numbers given twice in a cluster, such as c-1 1",
      ],
      [
        "when an object has two open versions",
        `DROP INDEX clusterflow.object_versions_open;
         UPDATE clusterflow.object_versions SET to_seq = NULL WHERE uid = (
           SELECT uid FROM clusterflow.object_versions GROUP BY uid HAVING count(*) = 2 ORDER BY uid LIMIT 1)`,
        ["counts", "digest", "double"],
        "1 objects with several open versions, such as pods uid-p-",
      ],
      [
        "when an object's versions overlap in the past",
        `UPDATE clusterflow.object_versions SET to_seq = 3 WHERE uid = 'uid-p-52' AND to_seq = 2`,
        ["double"],
        "1 versions that overlap the next one of their object, such as pods uid-p-52",
      ],
      [
        "when the snapshot's row counts otherwise",
        "UPDATE public.cluster_snapshots SET objects = 7 WHERE seq = 3",
        ["counts"],
        "the snapshot's row says 7 objects, its manifest 399",
      ],
      [
        "when a kind is called otherwise than in the manifest",
        "UPDATE clusterflow.snapshot_kinds SET status = 'partial'",
        ["counts"],
        "pods: snapshot_kinds does not say what the manifest says",
      ],
      [
        "when a kind is forgotten",
        "DELETE FROM clusterflow.snapshot_kinds",
        ["counts"],
        "pods: snapshot_kinds has no row of it",
      ],
      [
        "when a snapshot that is not applied has a row",
        `UPDATE clusterflow.snapshots SET status = 'superseded', reason = 'x' WHERE snapshot = '${first}'`,
        ["stored"],
        `snapshot ${first} is in cluster_snapshots although it is superseded`,
      ],
      [
        "when a manifest is gone",
        `UPDATE clusterflow.snapshots SET manifest = NULL WHERE snapshot = '${first}'`,
        ["stored"],
        `snapshot ${first} is in cluster_snapshots although it was never sealed`,
      ],
      [
        "when a manifest cannot be read",
        `UPDATE clusterflow.snapshots SET manifest = manifest - 'parts' WHERE snapshot = '${third}'`,
        ["counts", "digest"],
        `the manifest that is kept of snapshot ${third} cannot be read`,
      ],
    ])("%s", async (_, damage, checks, detail) => {
      await connection.script(damage);
      const proof = await proofOf();
      expect(
        failing(proof),
        JSON.stringify(proof.checks, (_key, v: unknown) => (typeof v === "bigint" ? String(v) : v)),
      ).toEqual(checks);
      expect(
        proof.checks
          .filter(({ status }) => status === "failed")
          .map((check) => check.detail)
          .join("\n"),
      ).toContain(detail);
      expect(proof.verdict).toBe("wrong");
    });

    it("when damage lies in an older snapshot, and all are compared", async () => {
      await connection.script("DELETE FROM clusterflow.object_versions WHERE name = 'p-3'");
      expect((await proofOf()).verdict).toBe("proven");
      expect(failing(await proofOf({ all: true }))).toEqual(["counts", "digest"]);
      expect(failing(await proofOf({ snapshot: first }))).toEqual(["counts", "digest"]);
      expect((await proofOf({ snapshot: second })).verdict).toBe("proven");
    });
  });

  it("is proven with all that is in it when one comes late", async () => {
    const late = snapshotRows([pod("late")], { startedAt: "2026-05-02T12:00:00Z" });
    await write(late);
    expect((await proofOf()).snapshots).toMatchObject([{ snapshot: third }]);
    const asked = await proofOf({ snapshot: late[0]!["snapshot"] as string });
    expect(asked.sentence).toContain("proven: 1 object of 1 kind collected = stored");
    expect(await proofOf({ all: true })).toMatchObject({ verdict: "proven", refused: [] });
  });

  it("is wrong when the latest snapshot was refused, and is not any more once a later one is applied", async () => {
    const rows = snapshotRows([pod("a"), pod("b", "Running", "uid-a")], {
      startedAt: "2026-05-04T00:00:00Z",
    });
    await write(rows);
    const refused = await proofOf();
    expect(failing(refused)).toEqual(["stored", "counts", "digest"]);
    expect(detailOf(refused, "stored")).toContain("pods: the manifest says 2 objects, 1 came");
    await write(snapshotRows([pod("a")], { startedAt: "2026-05-05T00:00:00Z" }));
    const after = await proofOf();
    expect(after.verdict).toBe("proven");
    expect(detailOf(after, "stored")).toContain("pods: the manifest says 2 objects, 1 came");
  });

  it("is wrong when the latest snapshot lacks a part", async () => {
    const rows = snapshotRows([pod("a"), pod("b")], { startedAt: "2026-05-04T00:00:00Z" });
    await write(rows.filter((_, at) => at !== 2));
    expect(detailOf(await proofOf(), "stored")).toContain("is still open with 3 parts staged");
  });

  it("is proven while another snapshot is on its way, which is in flight when asked for", async () => {
    const rows = snapshotRows([pod("a"), pod("b")], { startedAt: "2026-05-04T00:00:00Z" });
    await write(rows.slice(0, 2));
    expect((await proofOf()).verdict).toBe("proven");
    const asked = await proofOf({ snapshot: rows[0]!["snapshot"] as string });
    expect(asked).toMatchObject({
      verdict: "in-flight",
      sentence: expect.stringContaining("is not sealed yet") as string,
    });
    const waited = verify(
      { database: database.settings },
      { snapshot: rows[0]!["snapshot"] as string, waitMs: 600_000 },
      { ...run, tell: (report) => void (report.kind === "notice" && write(rows.slice(2))) },
    );
    expect((await waited).verdict).toBe("proven");
  });

  it("does not compare what was not listed completely", async () => {
    await write(snapshotRows([pod("p-60")], { startedAt: "2026-05-04T00:00:00Z", status: "partial" }));
    const proof = await proofOf();
    expect(proof.verdict).toBe("proven");
    expect(proof.sentence).toContain(
      "0 objects of 0 kinds collected = stored (1 kind not listed completely)",
    );
    expect(proof.snapshots[0]?.kinds).toMatchObject([{ status: "partial", collected: 1, stored: null }]);
  });
});

it("ends with `unreachable` when the server is away, at once or when the time to wait is over", async () => {
  const away = { ...database.settings, port: 1 };
  await expect(verify({ database: away }, {}, run)).rejects.toMatchObject({ code: "unreachable" });
  const told: string[] = [];
  const tell = ({ kind }: { readonly kind: string }): void => void told.push(kind);
  await expect(verify({ database: away }, { waitMs: 300 }, { ...run, tell })).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("given up after") as string,
  });
  expect(told).toEqual(["waiting"]);
});
