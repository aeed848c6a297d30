-- Probes: records that `verify --live` marks and sends, to see that they come through. They are kept here and nowhere
-- else, by the statement that moves the offset. Without a unique constraint on purpose: a double has to show.
CREATE TABLE clusterflow.probes (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run       uuid        NOT NULL,
  n         integer     NOT NULL,
  "group"   text        NOT NULL,
  topic     text        NOT NULL,
  partition integer     NOT NULL,
  "offset"  bigint      NOT NULL,
  -- how it came into the topic
  way       text        NOT NULL CHECK (way IN ('http', 'kafka')),
  -- the record's own time
  sent_at   timestamptz,
  stored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX probes_run ON clusterflow.probes (run, n);
CREATE INDEX probes_stored_at ON clusterflow.probes (stored_at);
CREATE INDEX probes_place ON clusterflow.probes ("group", topic, partition);

-- Since first_offset, beside `stored` and `dead_lettered`: records = stored + dead_lettered + probes.
ALTER TABLE clusterflow.offsets ADD COLUMN probes bigint NOT NULL DEFAULT 0;

-- Offsets that a group never read, since retention had removed them, and that somebody decided to go past.
CREATE TABLE clusterflow.losses (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "group"      text        NOT NULL,
  topic        text        NOT NULL,
  partition    integer     NOT NULL,
  first_offset bigint      NOT NULL,
  last_offset  bigint      NOT NULL,
  decided_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX losses_place ON clusterflow.losses ("group", topic, partition);
