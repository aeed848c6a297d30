-- Two more faults that keep a snapshot from being applied. A kind whose result came twice broke the primary key of
-- snapshot_kinds, so that the message which completed the snapshot was dead-lettered for it. A snapshot begun in a year
-- to come would have superseded every later one of its cluster until then: some collector's clock is wrong.
CREATE OR REPLACE FUNCTION clusterflow.snapshot_fault(id uuid, manifest jsonb) RETURNS text
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
