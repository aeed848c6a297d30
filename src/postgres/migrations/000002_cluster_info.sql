-- Snapshots of clusters. A snapshot's pieces are staged as they come, in any batches, any number of times, and
-- applied as a whole once its manifest and all its parts are there and agree. History is kept as versions.

CREATE TABLE clusterflow.clusters (
  cluster_id      text PRIMARY KEY,
  name            text        NOT NULL DEFAULT '',
  server          text        NOT NULL DEFAULT '',
  server_version  text        NOT NULL DEFAULT '',
  last_seq        numeric     NOT NULL DEFAULT 0,
  first_seen      timestamptz NOT NULL DEFAULT now(),
  last_seen       timestamptz NOT NULL DEFAULT now()
);

-- Every snapshot that was ever heard of, with what became of it.
CREATE TABLE clusterflow.snapshots (
  snapshot       uuid PRIMARY KEY,
  cluster_id     text        NOT NULL,
  status         text        NOT NULL DEFAULT 'open'
                 CHECK (status IN ('open', 'applied', 'superseded', 'mismatched', 'aborted')),
  reason         text,
  form           text,
  collector      text,
  cluster_name   text        NOT NULL DEFAULT '',
  server         text        NOT NULL DEFAULT '',
  server_version text        NOT NULL DEFAULT '',
  started_at     timestamptz,
  finished_at    timestamptz,
  manifest       jsonb,
  first_seen     timestamptz NOT NULL DEFAULT now(),
  settled_at     timestamptz
);
CREATE INDEX snapshots_open ON clusterflow.snapshots (cluster_id) WHERE status = 'open';

-- Staging: which parts of an open snapshot are there. Logged tables: the offsets have moved past these messages.
CREATE TABLE clusterflow.snapshot_parts (
  snapshot  uuid    NOT NULL REFERENCES clusterflow.snapshots ON DELETE CASCADE,
  part      integer NOT NULL,
  op        text    NOT NULL,
  api_group text,
  resource  text,
  digest    numeric,
  result    jsonb,
  PRIMARY KEY (snapshot, part)
);

CREATE TABLE clusterflow.staged_objects (
  snapshot    uuid NOT NULL REFERENCES clusterflow.snapshots ON DELETE CASCADE,
  api_group   text NOT NULL,
  resource    text NOT NULL,
  uid         text NOT NULL,
  api_version text NOT NULL,
  kind        text NOT NULL,
  namespace   text,
  name        text NOT NULL,
  created_at  timestamptz,
  hash        text NOT NULL,
  doc         jsonb NOT NULL,
  summary     jsonb,
  PRIMARY KEY (snapshot, api_group, resource, uid)
);

-- One row an applied snapshot.
CREATE TABLE public.cluster_snapshots (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "timestamp"  timestamptz NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  snapshot     uuid        NOT NULL UNIQUE REFERENCES clusterflow.snapshots,
  cluster_id   text        NOT NULL REFERENCES clusterflow.clusters,
  cluster_name text        NOT NULL,
  -- a cluster's applied snapshots in the order in which they were begun: 1, 2, 3, and what came late has a number
  -- between those of its neighbours
  seq          numeric     NOT NULL,
  finished_at  timestamptz NOT NULL,
  transport    text        NOT NULL CHECK (transport IN ('direct', 'kafka')),
  consistency  text        NOT NULL,
  revision     text,
  objects      integer     NOT NULL,
  digest       text        NOT NULL,
  UNIQUE (cluster_id, seq)
);
CREATE INDEX idx_snapshots_timestamp ON public.cluster_snapshots ("timestamp");
CREATE INDEX idx_snapshots_of_cluster ON public.cluster_snapshots (cluster_id, "timestamp");

-- How completely each kind was read.
CREATE TABLE clusterflow.snapshot_kinds (
  snapshot_id bigint NOT NULL REFERENCES public.cluster_snapshots ON DELETE CASCADE,
  api_group   text   NOT NULL,
  resource    text   NOT NULL,
  api_version text   NOT NULL,
  kind        text   NOT NULL,
  status      text   NOT NULL,
  reason      text,
  http_status integer,
  revision    text,
  consistency text   NOT NULL,
  pages       integer NOT NULL,
  objects     integer NOT NULL,
  digest      numeric NOT NULL,
  duration_ms numeric NOT NULL,
  PRIMARY KEY (snapshot_id, api_group, resource)
);

-- An object as it was from snapshot from_seq up to, not including, to_seq; open while to_seq is null.
CREATE TABLE clusterflow.object_versions (
  id          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  cluster_id  text NOT NULL REFERENCES clusterflow.clusters,
  api_group   text NOT NULL,
  resource    text NOT NULL,
  uid         text NOT NULL,
  from_seq    numeric NOT NULL,
  to_seq      numeric,
  valid_from  timestamptz NOT NULL,
  valid_to    timestamptz,
  api_version text NOT NULL,
  kind        text NOT NULL,
  namespace   text,
  name        text NOT NULL,
  created_at  timestamptz,
  hash        text NOT NULL,
  doc         jsonb NOT NULL,
  summary     jsonb,
  PRIMARY KEY (cluster_id, api_group, resource, uid, from_seq),
  CHECK (to_seq > from_seq)
);
CREATE UNIQUE INDEX object_versions_open
  ON clusterflow.object_versions (cluster_id, api_group, resource, uid) WHERE to_seq IS NULL;
CREATE INDEX object_versions_from ON clusterflow.object_versions (cluster_id, resource, from_seq);
CREATE INDEX object_versions_to ON clusterflow.object_versions (cluster_id, resource, to_seq);
