import { expect, it } from "vitest";
import type { DatabaseSettings } from "../../../src/config/parts.ts";
import { addUser } from "../../../src/flows/users.ts";
import { openOwnServers } from "../../faults/own-servers.ts";
import {
  spoolFolder,
  startIngest,
  toKafka,
  type Ingesting,
  type Posted,
} from "../../support/ingest-world.ts";
import { questionOf, until } from "../../support/posted-events.ts";
import { testDatabase, testTopicName } from "../../support/servers.ts";

const WRITER = { email: "w@example.com", name: "W", role: "writer", password: "a long password" } as const;
const CREDENTIALS = JSON.stringify({ email: WRITER.email, password: WRITER.password });
const REPORT = "/api/reports/response-rate?session_id=s&question_id=q";

it.each(["spool", "direct"] as const)(
  "a gateway to Kafka begins without its database, and logs in and reports once it is there (--failover %s)",
  { timeout: 180_000 },
  async (failover) => {
    await using servers = await openOwnServers();
    await using database = await testDatabase(servers.superuser);
    await using spool = await spoolFolder();
    await servers.stop("postgres", "SIGINT");
    const settings = toKafka(servers.brokers, testTopicName("late"), spool.path);
    const begun = performance.now();
    await using gateway = await startIngest({ ...settings, failover, database: database.settings });
    expect(performance.now() - begun).toBeLessThan(15_000);

    await until(async () => (await readyz(gateway)).away?.[0] === "database");
    expect(await post(gateway, 1)).toMatchObject({ status: 201, json: { mode: "kafka" } });
    await expectPutOff(gateway);

    await servers.start();
    await until(async () => (await readyz(gateway)).away === undefined);
    await comeToKnow(database.settings);
    expect((await gateway.post("/api/auth/login", CREDENTIALS)).status).toBe(200);
    expect((await gateway.get(REPORT)).status).toBe(200);
    expect(gateway.reports.filter(({ kind }) => kind === "waiting")).toHaveLength(1);
    expect(gateway.reports.filter(({ kind }) => kind === "resumed")).toHaveLength(1);

    await servers.stop("postgres", "SIGINT");
    await until(async () => (await readyz(gateway)).away?.[0] === "database");
    expect(await post(gateway, 2)).toMatchObject({ status: 201, json: { mode: "kafka" } });
    await expectPutOff(gateway);
    await servers.start();
    await until(async () => (await readyz(gateway)).away === undefined);
    expect((await gateway.post("/api/auth/login", CREDENTIALS)).status).toBe(200);
  },
);

it("a gateway to Kafka whose database will not have it ends at the start and says so", async () => {
  await using database = await testDatabase();
  await using spool = await spoolFolder();
  const settings = toKafka(["127.0.0.1:1"], testTopicName("late"), spool.path);
  const starting = startIngest({ ...settings, database: { ...database.settings, password: "another" } });
  await expect(starting).rejects.toMatchObject({ code: "unreachable", retryable: false });
});

async function readyz(gateway: Ingesting): Promise<{ readonly away?: readonly string[] }> {
  const answer = await gateway.get("/readyz");
  expect(answer).toMatchObject({ status: 200, json: { ok: true } });
  return answer.json as { readonly away?: readonly string[] };
}

function post(gateway: Ingesting, n: number): Promise<Posted> {
  return gateway.post("/api/events", JSON.stringify(questionOf("s", n)));
}

async function expectPutOff(gateway: Ingesting): Promise<void> {
  for (const answer of [await gateway.post("/api/auth/login", CREDENTIALS), await gateway.get(REPORT)]) {
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.text).not.toMatch(/127\.0\.0\.1|localhost|clusterinfo/);
  }
}

async function comeToKnow(database: DatabaseSettings): Promise<void> {
  await addUser(database, WRITER, true, { tell: () => undefined, signal: new AbortController().signal });
}
