import { expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../support/cli.ts";
import { openShop, type ShopWorld } from "../../support/cutover-world.ts";

const sentence = (text: string): string => expect.stringContaining(text) as string;

/** Everything in the database that a step could leave there. */
async function everything({ sql }: ShopWorld): Promise<unknown> {
  return sql`
    SELECT n.nspname, c.relname, (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid) AS triggers
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2`;
}

it("says what each step would do, and neither it nor a dry run changes anything", async () => {
  await using shop = await openShop(3);
  const before = await everything(shop);
  const ends = await shop.ends();
  const plan = await shop.step("plan", "--table", "shop.clicks");
  expect(plan).toMatchObject({
    status: 0,
    stdout: sentence("rename shop.clicks to shop.clicks_before_cutover"),
  });
  const dry = await shop.step("start", "--table", "shop.clicks", "--dry-run", "-o", "json");
  expect(JSON.parse(dry.stdout)).toMatchObject({
    ok: true,
    dryRun: true,
    state: "pg-only",
    steps: [{ step: "start" }],
  });
  expect(await everything(shop)).toEqual(before);

  expect(await shop.step("start", "--table", "shop.clicks")).toMatchObject({ status: 0 });
  const begun = await everything(shop);
  for (const step of ["start", "backfill", "rollback", "feed"])
    expect(await shop.step(step, "--dry-run")).toMatchObject({
      status: 0,
      stdout: sentence("nothing is done now"),
    });
  expect(await everything(shop)).toEqual(begun);
  expect(await shop.ends()).toEqual(ends);
  const status = await shop.step("status");
  expect(status.stdout).toMatch(
    /^cut-over of mykart.clicks is dual since \S+\n {2}table +shop.clicks\n {2}topic +\S+\n {2}outbox +0 rows wait\n {2}history +0 rows sent\n {2}next: (npx )?clusterflow cutover backfill --stream mykart.clicks\n$/,
  );
});

it("refuses tables that cannot be moved, with the reason", async () => {
  await using shop = await openShop(1);
  await shop.sql.unsafe(`
    CREATE TABLE shop.keyless (product_id integer, click_timestamp timestamptz);
    CREATE TABLE shop.odd (at timestamptz PRIMARY KEY, product_id integer, click_timestamp timestamptz);
    CREATE TABLE shop.parts (id integer PRIMARY KEY, product_id integer) PARTITION BY RANGE (id);
    CREATE VIEW shop.seen AS SELECT * FROM shop.clicks;
    CREATE TABLE shop.other (id serial PRIMARY KEY, product integer);
    INSERT INTO shop.other (product) VALUES (1);
    CREATE TABLE shop.hidden (id serial PRIMARY KEY, product_id integer, click_timestamp timestamptz);
    ALTER TABLE shop.hidden ENABLE ROW LEVEL SECURITY;
    CREATE TABLE shop.clicks_before_cutover (id integer);`);
  const reasons: readonly (readonly [table: string, status: number, reason: string])[] = [
    ["shop.nowhere", 2, "there is no table shop.nowhere"],
    ["clicks", 2, "--table is not SCHEMA.TABLE"],
    ["shop.keyless", 6, "has no primary key"],
    ["shop.odd", 6, "has timestamp with time zone in its primary key"],
    ["shop.parts", 6, "is no ordinary table"],
    ["shop.seen", 6, "is no ordinary table"],
    ["shop.hidden", 6, "row security"],
    [
      "shop.other",
      6,
      "row shop.other:1 cannot be an event of mykart.clicks: the field product_id is missing",
    ],
    ["shop.clicks", 6, "there is a shop.clicks_before_cutover already"],
    ["mykart.clicks", 6, "is the very table in which the events are stored"],
  ];
  await shop.consume(); // makes mykart.clicks
  await shop.sql`ALTER TABLE mykart.clicks ADD COLUMN kept integer`;
  for (const [table, status, reason] of reasons) {
    for (const step of ["plan", "start"])
      expect([table, await shop.step(step, "--table", table)]).toMatchObject([
        table,
        { status, stderr: sentence(reason) },
      ]);
  }
  expect(await shop.step("plan")).toMatchObject({
    status: 2,
    stderr: sentence("which table is to become topic"),
  });
  expect(await shop.step("backfill")).toMatchObject({ status: 6, stderr: sentence("cutover plan --stream") });
  expect(await shop.step("status")).toMatchObject({ status: 0, stdout: sentence("is pg-only") });
  const zone = await shop.step("plan", "--table", "shop.other", "--time-zone", "Mars/Olympus");
  expect(zone.status).toBe(2);
  expect(zone.stderr).toContain("Mars/Olympus");
});

it("refuses streams whose events are known by something else, and takes one that knows them by the header", async () => {
  await using shop = await openShop(2);
  await using folder = await temporaryFolder();
  const stream = (name: string, identity: string, column: string): string => `
  - name: ${name}
    topic: ${shop.topic}
    tables:
      - table: sink.${name}
        identity: [${identity}]
        columns:
          ${column}
          product: { type: integer, path: $.product_id, required: true }`;
  const file = await folder.write(
    "streams.yaml",
    `version: 1\nstreams:${stream("own", "click_id", "click_id: { type: bigint, path: $.click_id }")}${stream("named", "event_id", 'event_id: { type: text, from: "header:event-id" }')}\n`,
  );
  const run = (name: string, step: string) =>
    runCli(
      [
        "cutover",
        step,
        "--stream",
        name,
        "--streams-file",
        file,
        "--table",
        "shop.clicks",
        "--topic",
        shop.topic,
      ],
      { env: shop.env },
    );
  expect(await run("own", "start")).toMatchObject({
    status: 6,
    stderr: sentence("by column click_id and not by the header"),
  });
  expect(await run("named", "start")).toMatchObject({ status: 0 });
  expect(await run("named", "backfill")).toMatchObject({
    status: 0,
    stdout: sentence("2 rows of shop.clicks sent"),
  });
  const no = await runCli(["cutover", "plan", "--stream", "quiz-events", "--table", "shop.clicks"], {
    env: shop.env,
  });
  expect(no).toMatchObject({ status: 6, stderr: sentence("it has no cut-over") });
});

it("takes a table from another database, and tells no secret", async () => {
  await using shop = await openShop(2);
  await using sink = await openShop(0);
  const { host, port, user, password, database } = shop.database;
  const env = {
    ...sink.env,
    SOURCE_DATABASE_URL: `postgresql://${user}:${password}@${host}:${port}/${database}?sslmode=disable`,
  };
  const run = (...words: readonly string[]) =>
    runCli(["cutover", ...words, "--stream", "mykart.clicks", "--topic", sink.topic], { env });
  expect(await run("start", "--table", "shop.clicks")).toMatchObject({ status: 0 });
  expect(await run("backfill")).toMatchObject({ status: 0 });
  await sink.consume();
  expect(await run("verify", "--for", "0s")).toMatchObject({
    status: 0,
    stdout: sentence("2 rows of shop.clicks sent = 2 stored"),
  });
  expect(await sink.sql`SELECT to_regnamespace('clusterflow_cutover') AS none`).toEqual([{ none: null }]);
  const wrong = await runCli(["cutover", "status", "--stream", "mykart.clicks"], {
    env: { ...env, SOURCE_DATABASE_URL: "postgresql://u:a-secret@127.0.0.1:1/x?nonsense=1" },
  });
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("SOURCE_DATABASE_URL");
  expect(wrong.stderr + wrong.stdout).not.toContain("a-secret");
});
