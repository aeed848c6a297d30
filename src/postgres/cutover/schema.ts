/** Among our advisory locks (see `migrate.ts`): two processes that start together make the schema once. */
const LOCK = 7_203_919_042;

/**
 * What a cut-over keeps, in the database of the table that moves and not in the one that the events go to: so each step
 * and the note of it are one statement, and a death cannot come between them.
 */
export const SCHEMA = `
SELECT pg_advisory_xact_lock(${LOCK});
CREATE SCHEMA IF NOT EXISTS clusterflow_cutover;

CREATE TABLE IF NOT EXISTS clusterflow_cutover.cutovers (
  stream       text PRIMARY KEY,
  state        text NOT NULL DEFAULT 'pg-only',
  since        timestamptz NOT NULL DEFAULT now(),
  -- as the table is called for the application
  table_schema text NOT NULL,
  table_name   text NOT NULL,
  -- in which the table's times without a zone are meant
  time_zone    text NOT NULL,
  topic        text NOT NULL,
  topic_id     text,
  -- by partition: up to where every message came from the table, or is back in it
  judged_to    jsonb NOT NULL DEFAULT '{}',
  -- the last key of the history, and how far it has been sent; texts of the key's columns
  history_end  jsonb,
  history_at   jsonb,
  backfilled   bigint NOT NULL DEFAULT 0,
  -- before it the table that was renamed is not dropped
  retire_after timestamptz,
  -- raised by every process that takes the cut-over; an older one can change nothing more
  epoch        bigint NOT NULL DEFAULT 0,
  owner        text,
  held_until   timestamptz NOT NULL DEFAULT '-infinity'
);

-- The triggers of a table are those of one stream.
CREATE UNIQUE INDEX IF NOT EXISTS cutovers_table ON clusterflow_cutover.cutovers (table_schema, table_name)
  WHERE state NOT IN ('pg-only', 'rolled-back', 'retired');

CREATE TABLE IF NOT EXISTS clusterflow_cutover.steps (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream text NOT NULL,
  step   text NOT NULL,
  state  text NOT NULL,
  at     timestamptz NOT NULL DEFAULT now(),
  lsn    pg_lsn NOT NULL DEFAULT pg_current_wal_lsn(),
  -- by partition: where the topic ended
  ends   jsonb NOT NULL
);

-- Rows that are on their way to the topic, written by a trigger in the transaction of the row.
CREATE TABLE IF NOT EXISTS clusterflow_cutover.outbox (
  stream   text NOT NULL,
  seq      bigint GENERATED ALWAYS AS IDENTITY,
  event_id text NOT NULL,
  value    text NOT NULL,
  PRIMARY KEY (stream, seq)
);

-- What an append-only table should not see: noted, not forbidden.
CREATE TABLE IF NOT EXISTS clusterflow_cutover.changes (
  stream text NOT NULL,
  what   text NOT NULL,
  rows   bigint,
  at     timestamptz NOT NULL DEFAULT now()
);

-- Events of the topic that were brought back into the table, and the rows that they became.
CREATE TABLE IF NOT EXISTS clusterflow_cutover.refilled (
  stream    text NOT NULL,
  event_id  text NOT NULL,
  row_event text NOT NULL,
  PRIMARY KEY (stream, event_id)
);
CREATE INDEX IF NOT EXISTS refilled_rows ON clusterflow_cutover.refilled (stream, row_event);

-- Events of the topic that the table does not take.
CREATE TABLE IF NOT EXISTS clusterflow_cutover.left_over (
  stream    text NOT NULL,
  topic     text NOT NULL,
  partition integer NOT NULL,
  "offset"  bigint NOT NULL,
  event_id  text,
  value     bytea,
  reason    text NOT NULL,
  PRIMARY KEY (stream, topic, partition, "offset")
);

-- Raises where somebody else has taken the cut-over meanwhile; otherwise nobody can before this statement ends.
CREATE OR REPLACE FUNCTION clusterflow_cutover.hold(wanted text, held bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM clusterflow_cutover.cutovers WHERE stream = wanted AND epoch = held FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another process has taken the cut-over of %', wanted USING ERRCODE = 'UF002';
  END IF;
END
$$;`;
