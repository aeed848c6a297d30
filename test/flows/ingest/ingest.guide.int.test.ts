import { once } from "node:events";
import { expect, inject, it } from "vitest";
import { Connection } from "../../../src/postgres/connection.ts";
import {
  databaseEnvironment,
  kafkaEnvironment,
  runCli,
  startCli,
  temporaryFolder,
} from "../../support/cli.ts";
import { testDatabase, testTopicName } from "../../support/servers.ts";

const EVENT = {
  event_id: "test-001",
  event_type: "QUESTION_PUBLISHED",
  timestamp: "2026-01-31T10:00:00Z",
  session_id: "900e8400-e29b-41d4-a716-446655440000",
  quiz_id: "900e8400-e29b-41d4-a716-446655440010",
  classroom_id: "900e8400-e29b-41d4-a716-446655440020",
  question_id: "900e8400-e29b-41d4-a716-446655440030",
  timer_sec: 60,
};

async function urlOf(child: ReturnType<typeof startCli>): Promise<string> {
  let heard = "";
  for await (const chunk of child.stderr!) {
    heard += String(chunk);
    const url = /taken at (\S+)/.exec(heard)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(heard);
}

it("a writer is made, logs in, posts the guide's event and is told where it lies; consume brings the row", async () => {
  await using database = await testDatabase();
  await using folder = await temporaryFolder();
  const password = await folder.write("password", "a long password\n");
  const env = {
    ...databaseEnvironment(database.settings),
    ...kafkaEnvironment(inject("brokers"), testTopicName("guide")),
    JWT_SECRET: "0123456789abcdef0123456789abcdef",
    PORT: "0",
    CLUSTERFLOW_SPOOL_DIR: `${folder.path}/spool`,
  };
  const added = await runCli(
    ["users", "add", "--email", "Writer.Test@example.com", "--role", "writer", "--password-file", password],
    { env },
  );
  expect(added).toMatchObject({ status: 0, stdout: "writer.test@example.com may log in as writer\n" });

  const gateway = startCli(["ingest"], { env, cwd: folder.path });
  const ended = once(gateway, "exit");
  try {
    const url = await urlOf(gateway);
    gateway.stderr!.resume();
    const send = (path: string, body: object, headers = {}): Promise<Response> =>
      fetch(`${url}${path}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      });
    const credentials = { email: "writer.test@example.com", password: "a long password" };
    const login = await send("/api/auth/login", credentials);
    const { token } = (await login.json()) as { token: string };
    const answer = await send("/api/events", EVENT, { authorization: `Bearer ${token}` });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({
      event_id: "test-001",
      mode: "kafka",
      partition: expect.any(Number) as number,
      offset: 0,
    });
  } finally {
    gateway.kill("SIGTERM");
  }
  expect(await ended).toEqual([0, null]);

  const consumed = await runCli(["consume", "--stream", "quiz-events", "--until-end"], {
    env,
    cwd: folder.path,
  });
  expect(consumed).toMatchObject({ status: 0 });
  await using connection = new Connection(database.settings, "judge");
  const rows = await connection.query("SELECT event_id, timer_duration_sec FROM question_published_events");
  expect(rows).toEqual([{ event_id: "test-001", timer_duration_sec: 60 }]);
});

it.each(["SIGTERM", "SIGINT"] as const)(
  "ends with 0 at %s while it waits for its database",
  async (signal) => {
    const env = { KAFKA_ENABLED: "false", JWT_SECRET: "0123456789abcdef0123456789abcdef", PORT: "0" };
    const gateway = startCli(["ingest"], {
      env: { ...env, DATABASE_URL: "postgresql://u:p@127.0.0.1:1/d" },
    });
    const ended = once(gateway, "exit");
    await once(gateway.stderr!, "data"); // it says for what it waits
    gateway.kill(signal);
    expect(await ended).toEqual([0, null]);
  },
);
