import { expect, inject, it } from "vitest";
import { verify } from "../../src/flows/verify.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { createTopic, produce, snapshotLoad } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

/** Its server process is there, holds the connection and answers nothing. */
it("gives up soon after the time to wait, though PostgreSQL is frozen", async () => {
  const brokers = inject("brokers");
  const topic = testTopicName("frozen");
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "test");
  await createTopic(brokers, topic, 1);
  await produce(brokers, topic, snapshotLoad({ cluster: "c-1", snapshots: 1, pods: 3, limit: 4096 }));
  const settings = {
    kafka: { brokers, topic },
    database: database.settings,
    group: "g",
    deadLetters: { maxInARow: 100, topic: null },
    http: null,
  };
  const frozen: number[] = [];
  const freeze = async (): Promise<void> => {
    const rows = await connection.query(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'clusterflow verify' AND datname = current_database()",
    );
    frozen.push(...rows.map(({ pid }) => Number(pid)));
    for (const pid of frozen) process.kill(pid, "SIGSTOP");
  };
  const thaw = (): void => frozen.forEach((pid) => process.kill(pid, "SIGCONT"));
  const guard = setTimeout(thaw, 60_000); // a test that fails leaves no frozen server behind
  let freezing = Promise.resolve();
  const tell = ({ kind }: { readonly kind: string }): void => {
    if (kind === "notice") freezing = freeze();
  };
  const begun = performance.now();
  try {
    await expect(
      verify(settings, { waitMs: 4_000 }, { tell, signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: "unreachable" });
    expect(performance.now() - begun).toBeLessThan(20_000);
    await freezing;
    expect(frozen).toHaveLength(1);
  } finally {
    clearTimeout(guard);
    thaw();
  }
});
