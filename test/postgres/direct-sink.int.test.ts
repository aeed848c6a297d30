import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../src/core/exact-json.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { verify } from "../../src/flows/verify.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { openDirectSink } from "../../src/postgres/direct-sink.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { SnapshotComposer } from "../../src/streams/cluster-info/compose.ts";
import { KINDS } from "../../src/streams/cluster-info/kinds.ts";
import { clusterInfo } from "../../src/streams/cluster-info/stream.ts";
import type { OutgoingMessage } from "../../src/streams/define.ts";
import { testDatabase } from "../support/servers.ts";
import { pod } from "../support/snapshot-rows.ts";

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

const never = new AbortController().signal;
const identity = {
  cluster: "c-1",
  clusterName: "one",
  server: "https://k",
  serverVersion: "v1.35.4",
  collector: "test",
};

/** The messages of one snapshot of pods, each object in a chunk of its own when the limit is small. */
function messages(pods: readonly JsonObject[], limit = 1_000_000): OutgoingMessage[] {
  const composer = new SnapshotComposer(identity, limit);
  const kind = KINDS.find(({ resource }) => resource === "pods")!;
  const outcome = {
    status: "complete",
    reason: null,
    httpStatus: null,
    revision: "7",
    consistency: "cut",
    pages: 1,
    durationMs: 1,
  } as const;
  return [
    composer.begin(),
    ...composer.objects(kind, pods),
    ...composer.endKind(kind, outcome),
    composer.end().message,
  ];
}

describe("the direct path", () => {
  it("stores what the collector composed, message by message or all at once", async () => {
    await using sink = openDirectSink({
      stream: clusterInfo,
      connection,
      tell: () => undefined,
      giveUpAfterMs: 1000,
    });
    await sink.write(messages([pod("a"), pod("b")]), never);
    for (const message of messages([pod("a"), pod("c")], 2500)) await sink.write([message], never);
    const rows = await connection.query("SELECT snapshot_id::integer AS s, name FROM pods ORDER BY 1, 2");
    expect(rows.map((row) => row["name"])).toEqual(["a", "b", "a", "c"]);
    const sealed = await connection.query(
      "SELECT status, count(*)::integer AS n FROM clusterflow.snapshots GROUP BY 1",
    );
    expect(sealed).toEqual([{ status: "applied", n: 2 }]);
  });

  it("stores and proves a number of 64 bits with all its digits", async () => {
    const spec = parseDocument(
      '{"activeDeadlineSeconds":9223372036854775807,"share":0.12345678901234567890}',
    );
    const run = { tell: () => undefined, signal: never };
    await using sink = openDirectSink({
      stream: clusterInfo,
      connection,
      tell: run.tell,
      giveUpAfterMs: 1000,
    });
    await sink.write(messages([{ ...pod("exact"), spec }]), never);
    const found = await connection.query(
      "SELECT (doc->'spec')::text AS spec FROM clusterflow.object_versions WHERE name = 'exact'",
    );
    const kept = '{"share": 0.12345678901234567890, "activeDeadlineSeconds": 9223372036854775807}';
    expect(found).toEqual([{ spec: kept }]);
    expect(await verify({ database: database.settings }, {}, run)).toMatchObject({ verdict: "proven" });
  });

  it("unpacks an object that was too large for a chunk of its own", async () => {
    await using sink = openDirectSink({
      stream: clusterInfo,
      connection,
      tell: () => undefined,
      giveUpAfterMs: 1000,
    });
    const large = { ...pod("large"), note: "x".repeat(50_000) };
    const sent = messages([pod("a"), large], 20_000);
    expect(sent.some(({ value }) => value.includes("gzip+base64"))).toBe(true);
    expect(Math.max(...sent.map(({ value }) => value.length))).toBeLessThan(20_000);
    await sink.write(sent, never);
    const sql = "SELECT length(doc->>'note') AS n FROM clusterflow.object_versions WHERE name = 'large'";
    expect(await connection.query(sql)).toEqual([{ n: 50_000 }]);
  });
});
