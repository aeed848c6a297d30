import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { ReportDesk } from "../../src/postgres/report-desk.ts";
import { testDatabase } from "../support/servers.ts";

const NEVER = new AbortController().signal;

let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

it("hands a report its parameters as they are, whatever is in them", async () => {
  await using desk = new ReportDesk(database.settings);
  const hostile = ["'; DROP TABLE x; --", "\\' OR 1=1", "$1 $2", '\n\t"`', "Zoë 🦊", "", null];
  const text = `SELECT ${hostile.map((_, at) => `$${at + 1}::text AS p${at}`).join(", ")}, 7::bigint AS big`;
  const answer = await desk.ask(text, hostile, NEVER);
  const [row] = answer.kind === "rows" ? answer.rows : [];
  expect(row).toEqual({ ...Object.fromEntries(hostile.map((value, at) => [`p${at}`, value])), big: 7n });
  const many = Array.from({ length: 12 }, (_, at) => `v${at}`);
  const eleventh = await desk.ask("SELECT $11::text || $1::text AS both", many, NEVER);
  expect(eleventh).toEqual({ kind: "rows", rows: [{ both: "v10v0" }] });
  await expect(desk.ask("SELECT $1::text", ["half \ud83d"], NEVER)).rejects.toMatchObject({ code: "data" });
});

it("lets a report neither write nor take long, and leaves nothing behind in the session", async () => {
  await using desk = new ReportDesk(database.settings, 300);
  expect(await desk.ask("SELECT pg_sleep(30)", [], NEVER)).toEqual({ kind: "slow" });
  const write = desk.ask("CREATE TABLE public.written (id integer)", [], NEVER);
  await expect(write).rejects.toMatchObject({ vendorCode: "25006" });
  await using connection = new Connection(database.settings, "test");
  await connection.read("SELECT 1", [], { statementMs: 300 });
  const [session] = await connection.query(
    "SELECT current_setting('transaction_read_only') AS read_only, current_setting('statement_timeout') AS timeout",
  );
  expect(session).toEqual({ read_only: "off", timeout: "0" });
});

/** https://www.pgbouncer.org/config.html, ignore_startup_parameters: all others are refused by default. */
const KNOWN_TO_POOLERS = new Set([
  ...["user", "database", "client_encoding", "application_name"],
  ...["DateStyle", "TimeZone", "standard_conforming_strings"],
]);

it("asks a pooler for nothing that it refuses when a session begins", async () => {
  const heard: Buffer[] = [];
  const server = createServer((socket: Socket) => {
    socket.once("data", (bytes) => {
      heard.push(bytes);
      socket.destroy();
    });
    socket.on("error", () => undefined);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  {
    await using desk = new ReportDesk({ ...database.settings, host: "127.0.0.1", port, sslmode: "disable" });
    await desk.ask("SELECT 1", [], NEVER).catch(() => undefined);
  }
  server.close();
  // length and version, then names and values in turn, each ended by a NUL
  const names = heard[0]!
    .subarray(8)
    .toString()
    .split("\0")
    .filter((_, at) => at % 2 === 0)
    .filter((name) => name !== "");
  expect(names).toContain("application_name");
  expect(names.filter((name) => !KNOWN_TO_POOLERS.has(name))).toEqual([]);
});
