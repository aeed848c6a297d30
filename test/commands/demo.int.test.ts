import { expect, it, vi } from "vitest";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, endOf, runCli, startCli } from "../support/cli.ts";
import { startIngest, toPostgres } from "../support/ingest-world.ts";
import { testDatabase } from "../support/servers.ts";

it("the demo's users are made on request and loudly, and its quizzes come to the tables with names and keys", async () => {
  await using database = await testDatabase();
  await using gateway = await startIngest(toPostgres(database.settings));
  // where the gateway is, as its own settings say it
  const env = { ...databaseEnvironment(database.settings), PORT: new URL(gateway.url).port };
  const quiz = ["demo", "quiz", "--schools", "1", "--rate", "100", "--seconds", "2"];
  expect(await runCli(quiz, { env })).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("clusterflow users add --email writer.test@example.com") as string,
  });
  const made = await runCli(["demo", "users"], { env });
  expect(made).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("which everybody knows") as string,
  });
  const played = await runCli([...quiz, "-o", "json"], { env });
  expect(played.status).toBe(0);
  const { posted, modes } = JSON.parse(played.stdout) as { posted: number; modes: Record<string, number> };
  expect(modes).toEqual({ direct: posted });
  await using connection = new Connection(database.settings, "judge");
  const [stored] = await connection.query(`
    SELECT (SELECT count(*) FROM session_started_events) + (SELECT count(*) FROM question_published_events)
         + (SELECT count(*) FROM answer_submitted_events) AS events, (SELECT count(*) FROM students) AS students`);
  expect(stored).toEqual({ events: BigInt(posted), students: 36n });
});

it("quizzes wait for a gateway that is not up yet, but not for ever", async () => {
  await using database = await testDatabase();
  const settings = toPostgres(database.settings);
  const former = await startIngest(settings);
  await former.stop();
  const { url } = former;
  const env = databaseEnvironment(database.settings);
  await runCli(["demo", "users"], { env });
  const words = ["demo", "quiz", "--url", url, "--rate", "100", "--seconds", "1"];
  expect(await runCli(words, { env })).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(
      /the gateway at \S+: no answer to \/api\/auth\/login \(given up after 1\d s\)\n {2}next: start one/,
    ) as string,
  });
  const child = startCli(words, { env });
  const ended = endOf(child);
  await new Promise<void>((resolve) => {
    child.stderr!.on("data", (bytes: Buffer) => {
      if (String(bytes).includes("waiting for the gateway")) resolve();
    });
  });
  const address = { host: "127.0.0.1", port: Number(new URL(url).port) };
  await using gateway = await startIngest({ ...settings, address });
  expect(gateway.url).toBe(url);
  expect(await ended).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^[1-9]\d* events posted/) as string,
  });
});

it("quizzes that a signal cuts short are told as such, with what was posted until then", async () => {
  await using database = await testDatabase();
  await using gateway = await startIngest(toPostgres(database.settings));
  const env = databaseEnvironment(database.settings);
  await runCli(["demo", "users"], { env });
  for (const output of ["text", "json"] as const) {
    const before = await answersIn(database.settings);
    const words = ["demo", "quiz", "--url", gateway.url, "--rate", "100", "--seconds", "60", "-o", output];
    const child = startCli(words, { env });
    const ended = endOf(child);
    await vi.waitFor(async () => expect(await answersIn(database.settings)).toBeGreaterThan(before), 20_000);
    child.kill("SIGINT");
    const { status, stdout } = await ended;
    expect(status).toBe(130);
    if (output === "text") expect(stdout).toMatch(/^[1-9]\d* events posted in \d+ s: [1-9]\d* direct\n$/);
    else expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "interrupted" } });
  }
});

async function answersIn(settings: DatabaseSettings): Promise<bigint> {
  await using connection = new Connection(settings, "judge");
  const [row] = await connection.query("SELECT count(*) FROM answer_submitted_events");
  return row!["count"] as bigint;
}

it("users are listed without their passwords, changed only on request, and removed", async () => {
  await using database = await testDatabase();
  const env = databaseEnvironment(database.settings);
  await runCli(["demo", "users"], { env });
  const listed = await runCli(["users", "list", "-o", "json"], { env });
  expect(JSON.parse(listed.stdout)).toMatchObject({ users: [{ role: "reader" }, { role: "writer" }] });
  expect(listed.stdout).not.toContain("scrypt");
  const email = "reader.test@example.com";
  const none = await runCli(["users", "add", "--email", email, "--role", "writer"], { env });
  expect(none).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("no password is given") as string,
  });
  expect(await runCli(["users", "remove", "--email", email], { env })).toMatchObject({ status: 0 });
  expect(await runCli(["users", "remove", "--email", email], { env })).toMatchObject({ status: 2 });
});
