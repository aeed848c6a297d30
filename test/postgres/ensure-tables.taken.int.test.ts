import { expect, it } from "vitest";
import { Connection, type Row } from "../../src/postgres/connection.ts";
import { databaseEnvironment, runCli, temporaryFolder, type CliResult } from "../support/cli.ts";
import { testDatabase } from "../support/servers.ts";

/** A stream of somebody's own into a table that has the name of one of the shop's views. */
const CLICKS = `version: 1
streams:
  - name: clicks
    topic: site.clicks
    tables:
      - table: public.clicks
        identity: [id]
        columns:
          id: { type: bigint, path: $.id }
          page: { type: text, path: $.page }
`;

interface World {
  readonly migrate: () => Promise<CliResult>;
  readonly rows: (query: string) => Promise<readonly Row[]>;
}

async function withDatabase(
  work: (world: World) => Promise<void>,
  streams: string | null = CLICKS,
): Promise<void> {
  await using database = await testDatabase();
  await using folder = await temporaryFolder();
  await using connection = new Connection(database.settings, "test");
  const file = streams === null ? {} : { CLUSTERFLOW_STREAMS: await folder.write("streams.yaml", streams) };
  const env = { ...databaseEnvironment(database.settings), ...file };
  await work({
    migrate: () => runCli(["migrate"], { env, cwd: folder.path }),
    rows: (query) => connection.query(query),
  });
}

const KIND = "SELECT relkind::text AS kind FROM pg_class WHERE oid = to_regclass('public.clicks')";

it("a table that is there before keeps its name and its rows: the view is left out", async () => {
  await withDatabase(async ({ migrate, rows }) => {
    await rows("CREATE TABLE public.clicks (id bigint PRIMARY KEY, page text)");
    await rows("INSERT INTO public.clicks VALUES (1, 'mine')");
    expect(await migrate()).toMatchObject({ status: 0 });
    expect(await rows("SELECT * FROM public.clicks")).toEqual([{ id: 1n, page: "mine" }]);
    expect(await rows("SELECT * FROM mykart.clicks")).toEqual([]);
    expect((await migrate()).stdout).toBe("the database is up to date\n");
  });
});

it("a view that is there before is given up with the SQL that is told, and does not come back", async () => {
  await withDatabase(async ({ migrate, rows }) => {
    const refused = await migrate();
    expect(refused.status).toBe(2);
    const sentence = /"public"\."clicks" is clusterflow's view of mykart\.clicks.*: (DROP VIEW [^;]+;)/;
    expect(refused.stderr).toMatch(sentence);
    expect(await rows(KIND)).toEqual([{ kind: "v" }]);
    await rows(sentence.exec(refused.stderr)![1]!);
    expect((await migrate()).stdout).toBe("applied table public.clicks\n");
    expect(await rows(KIND)).toEqual([{ kind: "r" }]);
    expect((await migrate()).stdout).toBe("the database is up to date\n");
    expect(await rows("SELECT * FROM mykart.clicks")).toEqual([]);
  });
});

it.each([
  ["a table", "CREATE TABLE public.services (id integer)", "DROP TABLE public.services"],
  ["a type", "CREATE TYPE public.services AS ENUM ('mine')", "DROP TYPE public.services"],
])(
  "%s with the name of one of the tables of all is told in one sentence, and stays",
  async (_, make, drop) => {
    await withDatabase(async ({ migrate, rows }) => {
      await rows(make);
      const refused = await migrate();
      expect(refused.status).toBe(2);
      expect(refused.stderr).toMatch(/^error: .*"services" already exists$/m);
      expect(refused.stderr).toMatch(/another program's .* use a database of its own for clusterflow/);
      await rows(drop);
      expect((await migrate()).status).toBe(0);
    }, null);
  },
);
