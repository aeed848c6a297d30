-- The writer of stream cluster-info: takes the rows of one batch, in order, inside the statement that moves the
-- offset. Calling it twice with the same rows is the same as calling it once.
CREATE FUNCTION clusterflow.write_cluster_info(rows jsonb, transport text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  entry jsonb;
BEGIN
  PERFORM clusterflow.lock_clusters(rows);
  FOR entry IN SELECT value FROM jsonb_array_elements(rows) WITH ORDINALITY ORDER BY ordinality LOOP
    IF clusterflow.open_snapshot(entry) THEN
      PERFORM clusterflow.stage_cluster_info(entry);
      PERFORM clusterflow.settle_snapshot((entry->>'snapshot')::uuid, transport);
    END IF;
  END LOOP;
  RETURN jsonb_array_length(rows);
END $$;

-- One writer at a time for each cluster: two snapshots of one are applied one after the other, and a message that lies
-- in two partitions does not make two writers wait for each other, since all lock in the same order.
CREATE FUNCTION clusterflow.lock_clusters(rows jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO clusterflow.clusters (cluster_id)
  SELECT DISTINCT value->>'cluster' FROM jsonb_array_elements(rows) ORDER BY 1
  ON CONFLICT DO NOTHING;
  PERFORM FROM clusterflow.clusters c
    WHERE c.cluster_id IN (SELECT value->>'cluster' FROM jsonb_array_elements(rows))
    ORDER BY c.cluster_id FOR UPDATE;
END $$;

-- Locks the snapshot's row, making it when it is new; false when the snapshot was settled before.
CREATE FUNCTION clusterflow.open_snapshot(entry jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  found clusterflow.snapshots;
BEGIN
  INSERT INTO clusterflow.snapshots (snapshot, cluster_id)
  VALUES ((entry->>'snapshot')::uuid, entry->>'cluster')
  ON CONFLICT (snapshot) DO NOTHING;
  SELECT * INTO found FROM clusterflow.snapshots s WHERE s.snapshot = (entry->>'snapshot')::uuid FOR UPDATE;
  IF found.cluster_id <> entry->>'cluster' THEN
    RAISE EXCEPTION 'snapshot % belongs to another cluster', found.snapshot
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN found.status = 'open';
END $$;

CREATE FUNCTION clusterflow.stage_cluster_info(entry jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  id uuid := (entry->>'snapshot')::uuid;
  fresh boolean;
BEGIN
  IF entry ? 'part' THEN
    INSERT INTO clusterflow.snapshot_parts (snapshot, part, op, api_group, resource, digest, result)
    VALUES (id, (entry->>'part')::integer, entry->>'op', entry->>'group', entry->>'resource',
            (entry->>'digest')::numeric, CASE WHEN entry->>'op' = 'kind' THEN entry END)
    ON CONFLICT (snapshot, part) DO NOTHING;
    GET DIAGNOSTICS fresh = ROW_COUNT;
    IF NOT fresh THEN RETURN; END IF; -- this part is here already: the message was sent or read twice
  END IF;

  CASE entry->>'op'
    WHEN 'begin' THEN
      UPDATE clusterflow.snapshots s
         SET form = entry->>'form', collector = entry->>'collector', cluster_name = entry->>'cluster_name',
             server = entry->>'server', server_version = entry->>'server_version',
             started_at = (entry->>'started_at')::timestamptz
       WHERE s.snapshot = id;
    WHEN 'objects' THEN
      INSERT INTO clusterflow.staged_objects
             (snapshot, api_group, resource, uid, api_version, kind, namespace, name, created_at, hash, doc, summary)
      SELECT id, entry->>'group', entry->>'resource', item.uid, entry->>'version', entry->>'kind',
             item.namespace, item.name, item.created_at, item.hash, item.doc, nullif(item.summary, 'null')
        FROM jsonb_to_recordset(entry->'items') AS item
             (uid text, namespace text, name text, created_at timestamptz, hash text, doc jsonb, summary jsonb)
      ON CONFLICT DO NOTHING; -- one uid twice in a snapshot: the count will not agree with the manifest
    WHEN 'kind' THEN NULL; -- kept in snapshot_parts.result
    WHEN 'end' THEN
      UPDATE clusterflow.snapshots s
         SET manifest = entry, finished_at = (entry->>'finished_at')::timestamptz,
             started_at = coalesce(s.started_at, (entry->>'started_at')::timestamptz)
       WHERE s.snapshot = id;
    WHEN 'abort' THEN
      PERFORM clusterflow.close_snapshot(id, 'aborted', entry->>'reason');
  END CASE;
END $$;

-- Ends an open snapshot and drops what was staged for it. One that is not applied is told to whoever is writing: the
-- code 01C01 is ours, of class 01 (warning).
CREATE FUNCTION clusterflow.close_snapshot(id uuid, new_status text, why text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM clusterflow.staged_objects o WHERE o.snapshot = id;
  DELETE FROM clusterflow.snapshot_parts p WHERE p.snapshot = id;
  UPDATE clusterflow.snapshots s SET status = new_status, reason = why, settled_at = now() WHERE s.snapshot = id;
  IF new_status <> 'applied' THEN
    RAISE WARNING 'snapshot % is %, and nothing of it is stored: %', id, new_status, why USING ERRCODE = '01C01';
  END IF;
END $$;

-- Applies the snapshot if its manifest is here, every part is here, and they agree.
CREATE FUNCTION clusterflow.settle_snapshot(id uuid, transport text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  s clusterflow.snapshots;
  fault text;
BEGIN
  SELECT * INTO s FROM clusterflow.snapshots WHERE snapshot = id;
  IF s.status <> 'open' OR s.manifest IS NULL THEN RETURN; END IF;
  IF (SELECT count(*) FROM clusterflow.snapshot_parts p WHERE p.snapshot = id) < (s.manifest->>'parts')::integer THEN
    RETURN; -- a part is missing still; it settles when that part comes
  END IF;

  fault := clusterflow.snapshot_fault(id, s.manifest);
  IF fault IS NOT NULL THEN
    PERFORM clusterflow.close_snapshot(id, 'mismatched', fault);
    RETURN;
  END IF;
  PERFORM clusterflow.apply_snapshot(s, transport);
  PERFORM clusterflow.close_snapshot(id, 'applied', NULL);
  -- by the collectors' clocks, and not by ours: a consumer may have been away for long
  PERFORM clusterflow.close_snapshot(older.snapshot, 'superseded',
                                     'never finished; a snapshot that was begun more than a day later was applied')
     FROM clusterflow.snapshots older
    WHERE older.cluster_id = s.cluster_id AND older.status = 'open'
      AND older.started_at < s.started_at - interval '1 day';
END $$;

-- What is wrong with a snapshot whose parts are all here, as one sentence; null when nothing is. One that was begun in
-- a year to come would be the latest of its cluster until then.
CREATE FUNCTION clusterflow.snapshot_fault(id uuid, manifest jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
  WITH staged AS (
    SELECT api_group, resource, count(*) AS objects FROM clusterflow.staged_objects WHERE snapshot = id GROUP BY 1, 2
  ), digests AS (
    SELECT api_group, resource, sum(p.digest) % (2::numeric ^ 256) AS digest
      FROM clusterflow.snapshot_parts p WHERE p.snapshot = id AND p.op = 'objects' GROUP BY 1, 2
  ), results AS (
    SELECT api_group, resource, result FROM clusterflow.snapshot_parts WHERE snapshot = id AND op = 'kind'
  ), kinds AS (
    SELECT * FROM jsonb_to_recordset(manifest->'kinds')
           AS k ("group" text, resource text, status text, objects bigint, digest numeric)
  ), faults AS (
    SELECT CASE
        WHEN k.resource IS NULL THEN format('%s: objects came that the manifest does not name', coalesce(st.resource, r.resource))
        WHEN r.resource IS NULL THEN format('%s: its result never came', k.resource)
        WHEN r.result->>'status' <> k.status THEN format('%s: its result and the manifest differ', k.resource)
        WHEN coalesce(st.objects, 0) <> k.objects
          THEN format('%s: the manifest says %s objects, %s came', k.resource, k.objects, coalesce(st.objects, 0))
        WHEN coalesce(d.digest, 0) <> k.digest THEN format('%s: the digest of what came is not the manifest''s', k.resource)
      END AS fault
      FROM kinds k
      FULL JOIN staged st ON st.api_group = k."group" AND st.resource = k.resource
      FULL JOIN results r ON r.api_group = coalesce(k."group", st.api_group) AND r.resource = coalesce(k.resource, st.resource)
      LEFT JOIN digests d ON d.api_group = k."group" AND d.resource = k.resource
    UNION ALL
    SELECT format('%s: its result came twice', resource) FROM results GROUP BY api_group, resource HAVING count(*) > 1
    UNION ALL
    SELECT 'it begins more than a year in the future: look at the clock of its collector'
      FROM clusterflow.snapshots s WHERE s.snapshot = id AND s.started_at > now() + interval '1 year'
  )
  SELECT string_agg(fault, '; ') FROM faults WHERE fault IS NOT NULL
$$;

-- Puts a snapshot into its place in the cluster's history, which is after all others unless it came late.
-- No nested loops: the planner has no statistics of rows that were staged a moment ago and takes them for few. For
-- 20,000 objects it compared each with each, which took 25 seconds instead of one tenth of a second.
CREATE FUNCTION clusterflow.apply_snapshot(s clusterflow.snapshots, transport text) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off AS $$
DECLARE
  n numeric;
  later public.cluster_snapshots;
  snapshot_row bigint;
BEGIN
  SELECT * INTO later FROM public.cluster_snapshots r
   WHERE r.cluster_id = s.cluster_id AND r."timestamp" > s.started_at ORDER BY r."timestamp", r.seq LIMIT 1;
  n := CASE WHEN later.seq IS NULL THEN clusterflow.next_seq(s) ELSE clusterflow.seq_before(s.cluster_id, later.seq) END;

  INSERT INTO public.cluster_snapshots
         ("timestamp", snapshot, cluster_id, cluster_name, seq, finished_at, transport, consistency, revision, objects, digest)
  VALUES (s.started_at, s.snapshot, s.cluster_id, s.cluster_name, n, s.finished_at, transport,
          s.manifest->>'consistency', s.manifest->>'revision', (s.manifest->>'objects')::integer, s.manifest->>'digest')
  RETURNING id INTO snapshot_row;

  INSERT INTO clusterflow.snapshot_kinds
         (snapshot_id, api_group, resource, api_version, kind, status, reason, http_status, revision, consistency,
          pages, objects, digest, duration_ms)
  SELECT snapshot_row, r->>'group', r->>'resource', r->>'version', r->>'kind', r->>'status', r->>'reason',
         (r->>'http_status')::integer, r->>'revision', r->>'consistency', (r->>'pages')::integer,
         (r->>'objects')::integer, (r->>'digest')::numeric, (r->>'duration_ms')::numeric
    FROM (SELECT result AS r FROM clusterflow.snapshot_parts WHERE snapshot = s.snapshot AND op = 'kind') results;

  IF later.seq IS NULL THEN
    PERFORM clusterflow.append_versions(s, n, snapshot_row);
  ELSE
    PERFORM clusterflow.insert_versions(s, n, snapshot_row, later);
  END IF;
END $$;

CREATE FUNCTION clusterflow.next_seq(s clusterflow.snapshots) RETURNS numeric
LANGUAGE sql AS $$
  UPDATE clusterflow.clusters c
     SET last_seq = c.last_seq + 1, last_seen = now(),
         name = s.cluster_name, server = s.server, server_version = s.server_version
   WHERE c.cluster_id = s.cluster_id
  RETURNING c.last_seq
$$;

-- Half way between the neighbours; numeric halves are exact, however many there are.
CREATE FUNCTION clusterflow.seq_before(cluster text, later numeric) RETURNS numeric
LANGUAGE sql AS $$
  SELECT (coalesce(max(r.seq), 0) + later) * 0.5
    FROM public.cluster_snapshots r WHERE r.cluster_id = cluster AND r.seq < later
$$;

-- Closes the versions that ended, opens those that began. Deletions are taken only from kinds that were listed
-- completely: what could not be seen is not gone.
CREATE FUNCTION clusterflow.append_versions(s clusterflow.snapshots, n numeric, snapshot_row bigint) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  UPDATE clusterflow.object_versions v
     SET to_seq = n, valid_to = s.started_at
    FROM clusterflow.snapshot_kinds k
   WHERE v.cluster_id = s.cluster_id AND v.to_seq IS NULL
     AND k.snapshot_id = snapshot_row AND k.status = 'complete'
     AND v.api_group = k.api_group AND v.resource = k.resource
     AND NOT EXISTS (SELECT FROM clusterflow.staged_objects o
                      WHERE o.snapshot = s.snapshot AND o.api_group = v.api_group
                        AND o.resource = v.resource AND o.uid = v.uid);

  UPDATE clusterflow.object_versions v
     SET to_seq = n, valid_to = s.started_at
    FROM clusterflow.staged_objects o
   WHERE v.cluster_id = s.cluster_id AND v.to_seq IS NULL AND o.snapshot = s.snapshot
     AND o.api_group = v.api_group AND o.resource = v.resource AND o.uid = v.uid AND o.hash <> v.hash;

  INSERT INTO clusterflow.object_versions
         (cluster_id, api_group, resource, uid, from_seq, valid_from, api_version, kind, namespace, name, created_at,
          hash, doc, summary)
  SELECT s.cluster_id, o.api_group, o.resource, o.uid, n, s.started_at, o.api_version, o.kind, o.namespace, o.name,
         o.created_at, o.hash, o.doc, o.summary
    FROM clusterflow.staged_objects o
   WHERE o.snapshot = s.snapshot
     AND NOT EXISTS (SELECT FROM clusterflow.object_versions v
                      WHERE v.cluster_id = s.cluster_id AND v.api_group = o.api_group AND v.resource = o.resource
                        AND v.uid = o.uid AND v.to_seq IS NULL);
END $$;

-- The same between two snapshots that are there: it says how things were from its own begin up to the begin of the
-- next one, and nothing else. What the others show stays as it is.
CREATE FUNCTION clusterflow.insert_versions(s clusterflow.snapshots, n numeric, snapshot_row bigint,
                                            later public.cluster_snapshots) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  -- what ends here goes on in the next snapshot, where that one still has it
  WITH ended AS (
    SELECT v.id, v.to_seq, v.valid_to
      FROM clusterflow.object_versions v
      LEFT JOIN clusterflow.staged_objects o
             ON o.snapshot = s.snapshot AND o.api_group = v.api_group AND o.resource = v.resource AND o.uid = v.uid
      LEFT JOIN clusterflow.snapshot_kinds k
             ON k.snapshot_id = snapshot_row AND k.status = 'complete'
            AND k.api_group = v.api_group AND k.resource = v.resource
     WHERE v.cluster_id = s.cluster_id AND v.from_seq < n AND (v.to_seq IS NULL OR v.to_seq > n)
       AND (o.hash <> v.hash OR (o.hash IS NULL AND k.resource IS NOT NULL))
  ), cut AS (
    UPDATE clusterflow.object_versions v
       SET to_seq = n, valid_to = s.started_at
      FROM ended
     WHERE v.id = ended.id
    RETURNING v.*, ended.to_seq AS was_to_seq, ended.valid_to AS was_valid_to
  )
  INSERT INTO clusterflow.object_versions
         (cluster_id, api_group, resource, uid, from_seq, to_seq, valid_from, valid_to, api_version, kind, namespace,
          name, created_at, hash, doc, summary)
  SELECT cluster_id, api_group, resource, uid, later.seq, was_to_seq, later."timestamp", was_valid_to, api_version, kind,
         namespace, name, created_at, hash, doc, summary
    FROM cut WHERE was_to_seq IS NULL OR was_to_seq > later.seq;

  -- what the next snapshot was the first to show like this was so already
  UPDATE clusterflow.object_versions v
     SET from_seq = n, valid_from = s.started_at
    FROM clusterflow.staged_objects o
   WHERE v.cluster_id = s.cluster_id AND v.from_seq = later.seq AND o.snapshot = s.snapshot
     AND o.api_group = v.api_group AND o.resource = v.resource AND o.uid = v.uid AND o.hash = v.hash;

  INSERT INTO clusterflow.object_versions
         (cluster_id, api_group, resource, uid, from_seq, to_seq, valid_from, valid_to, api_version, kind, namespace,
          name, created_at, hash, doc, summary)
  SELECT s.cluster_id, o.api_group, o.resource, o.uid, n, later.seq, s.started_at, later."timestamp", o.api_version,
         o.kind, o.namespace, o.name, o.created_at, o.hash, o.doc, o.summary
    FROM clusterflow.staged_objects o
   WHERE o.snapshot = s.snapshot
     AND NOT EXISTS (SELECT FROM clusterflow.object_versions v
                      WHERE v.cluster_id = s.cluster_id AND v.api_group = o.api_group AND v.resource = o.resource
                        AND v.uid = o.uid AND v.from_seq <= n AND (v.to_seq IS NULL OR v.to_seq > n));
END $$;
