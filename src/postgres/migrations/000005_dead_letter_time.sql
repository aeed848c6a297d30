-- The record's time as Kafka holds it, in milliseconds and -1 for none: a producer that sends nanoseconds is beyond what
-- the column timestamp can hold, which is then null. Null in rows that are older than this column.
ALTER TABLE clusterflow.dead_letters ADD COLUMN timestamp_ms bigint;
