-- Where every consumer group stands, kept beside the rows so that one statement moves both.
CREATE TABLE clusterflow.offsets (
  "group"       text        NOT NULL,
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  -- the first offset that is neither stored nor dead-lettered nor known to be absent
  next_offset   bigint      NOT NULL,
  -- raised by every process that takes the partition over; an older holder can write nothing more
  epoch         bigint      NOT NULL,
  -- since first_offset: what became of the records, for the reconciliation
  first_offset  bigint      NOT NULL,
  stored        bigint      NOT NULL DEFAULT 0,
  dead_lettered bigint      NOT NULL DEFAULT 0,
  -- which topic of this name it is, as far as the brokers tell: one created anew has another id
  topic_id      text,
  owner         text        NOT NULL,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("group", topic, partition)
) WITH (fillfactor = 50); -- one hot row a partition: room for HOT updates

-- Whether all fences of a statement for several partitions hold; raises where one does not, so that nothing of it stays.
CREATE FUNCTION clusterflow.all_hold(held bigint, wanted bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF held = wanted THEN
    RETURN true;
  END IF;
  RAISE EXCEPTION '% of % partitions are somebody else''s', wanted - held, wanted USING ERRCODE = 'UF001';
END
$$;

-- Records that cannot be stored, whole and byte for byte, with where they came from and why.
CREATE TABLE clusterflow.dead_letters (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "group"     text        NOT NULL,
  topic       text        NOT NULL,
  partition   integer     NOT NULL,
  "offset"    bigint      NOT NULL,
  key         bytea,
  value       bytea,
  -- [{"name": text, "value": base64 or null}, ...] in the record's own order; "nameBytes" beside a name that is no text
  headers     jsonb       NOT NULL,
  -- null where the producer's time is beyond what this type holds
  timestamp   timestamptz,
  -- the time as Kafka holds it, in milliseconds; -1 for none
  timestamp_ms bigint,
  -- decode: the stream refused it; write: PostgreSQL did
  stage       text        NOT NULL CHECK (stage IN ('decode', 'write')),
  sqlstate    text,
  reason      text        NOT NULL,
  first_seen  timestamptz NOT NULL DEFAULT now(),
  -- when it came to lie in the topic of dead letters, for a consumer that has one
  relayed_at  timestamptz,
  -- somebody is about to relay it; nobody else does before
  relaying_until timestamptz,
  -- why that topic can never take it
  relay_fault text,
  UNIQUE ("group", topic, partition, "offset")
);

CREATE INDEX dead_letters_to_relay ON clusterflow.dead_letters ("group", topic, id)
  WHERE relayed_at IS NULL AND relay_fault IS NULL;
