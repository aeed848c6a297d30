import { hashOf } from "../../core/digest.ts";
import { name, quote } from "../write/quote.ts";
import { eventIdOf, eventValueOf, literal } from "./row-text.ts";
import { keptName, type SourceTable } from "./source-table.ts";

/** For the owner's rights, since whoever inserts need not know of us, and with everything named in full. */
const DEFINER = `LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC'`;
const NOTES = ["UPDATE", "DELETE", "TRUNCATE"] as const;

/** Fires also for what a logical replication applies: it is in the table just the same. */
const always = (table: SourceTable["table"], trigger: string): string =>
  `ALTER TABLE ${name(table)} ENABLE ALWAYS TRIGGER ${trigger};`;

/** From this statement on, each row that is inserted is in the outbox, too; and changes are noted. */
export function beginFeed(stream: string, source: SourceTable): string {
  const { table } = source;
  const feed = routine("feed", stream);
  const note = routine("note", stream);
  return [
    endFeed(stream, table),
    `CREATE FUNCTION ${feed}() RETURNS trigger ${DEFINER} AS ${literal(feedBody(stream, source))};`,
    `CREATE FUNCTION ${note}() RETURNS trigger ${DEFINER} AS ${literal(noteBody(stream))};`,
    `CREATE TRIGGER clusterflow_cutover_feed AFTER INSERT ON ${name(table)} FOR EACH ROW EXECUTE FUNCTION ${feed}();`,
    always(table, "clusterflow_cutover_feed"),
    ...NOTES.map((what) => {
      const rows = what === "TRUNCATE" ? "" : "REFERENCING OLD TABLE AS befallen";
      const trigger = noteTrigger(what);
      return `CREATE TRIGGER ${trigger} AFTER ${what} ON ${name(table)} ${rows} FOR EACH STATEMENT EXECUTE FUNCTION ${note}(); ${always(table, trigger)}`;
    }),
  ].join("\n");
}

/** What is in the outbox stays there. */
export function endFeed(stream: string, table: SourceTable["table"]): string {
  return [
    ...["clusterflow_cutover_feed", ...NOTES.map(noteTrigger)].map(
      (trigger) => `DROP TRIGGER IF EXISTS ${trigger} ON ${name(table)};`,
    ),
    `DROP FUNCTION IF EXISTS ${routine("feed", stream)}();`,
    `DROP FUNCTION IF EXISTS ${routine("note", stream)}();`,
  ].join("\n");
}

/**
 * Renaming waits for everybody who writes: when it is done, all rows that will ever be there are there, and what they put
 * into the outbox, too. Whoever gets at the table by a view or a function is refused by the guard.
 */
export function closeTable(stream: string, source: Pick<SourceTable, "table">): string {
  const kept = keptName(source);
  const guard = routine("guard", stream);
  const body = `BEGIN RAISE EXCEPTION '% has moved to a topic: its rows come from there', ${literal(source.table.join("."))}; END`;
  return [
    `ALTER TABLE ${name(source.table)} RENAME TO ${quote(kept[1])};`,
    endFeed(stream, kept),
    `CREATE OR REPLACE FUNCTION ${guard}() RETURNS trigger LANGUAGE plpgsql AS ${literal(body)};`,
    `CREATE TRIGGER clusterflow_cutover_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${name(kept)} FOR EACH STATEMENT EXECUTE FUNCTION ${guard}();`,
    always(kept, "clusterflow_cutover_guard"),
  ].join("\n");
}

/** The inverse: as it was before the first step, with what waited to be sent forgotten, since it is in the table. */
export function openTable(stream: string, source: Pick<SourceTable, "table">, isRenamed: boolean): string {
  const kept = keptName(source);
  const back = [
    `ALTER TABLE ${name(kept)} RENAME TO ${quote(source.table[1])};`,
    `DROP TRIGGER IF EXISTS clusterflow_cutover_guard ON ${name(source.table)};`,
    `DROP FUNCTION IF EXISTS ${routine("guard", stream)}();`,
  ];
  return [
    ...(isRenamed ? back : []),
    endFeed(stream, source.table),
    `DELETE FROM clusterflow_cutover.outbox WHERE stream = ${literal(stream)};`,
  ].join("\n");
}

export function dropTable(stream: string, source: Pick<SourceTable, "table">): string {
  return `DROP TABLE ${name(keptName(source))}; DROP FUNCTION IF EXISTS ${routine("guard", stream)}();`;
}

/** Beside the tables of the cut-over; a stream's name may have 100 characters and more, a function's has 63 bytes. */
function routine(what: string, stream: string): string {
  const whole = `${what} ${stream}`;
  return name(["clusterflow_cutover", whole.length > 60 ? `${what} ${hashOf(stream).slice(0, 40)}` : whole]);
}

function noteTrigger(what: string): string {
  return `clusterflow_cutover_${what.toLowerCase()}`;
}

function feedBody(stream: string, source: SourceTable): string {
  return `BEGIN
  INSERT INTO clusterflow_cutover.outbox (stream, event_id, value)
  VALUES (${literal(stream)}, ${eventIdOf(source, "NEW")}, ${eventValueOf(source, "NEW")});
  RETURN NULL;
END`;
}

function noteBody(stream: string): string {
  return `DECLARE touched bigint;
BEGIN
  IF TG_OP <> 'TRUNCATE' THEN
    SELECT count(*) INTO touched FROM befallen;
    IF touched = 0 THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO clusterflow_cutover.changes (stream, what, rows) VALUES (${literal(stream)}, TG_OP, touched);
  RETURN NULL;
END`;
}
