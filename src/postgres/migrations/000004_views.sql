-- The tables that people of the cluster info collector know, as views over the versions: its names, its columns,
-- `snapshot_id`, and `data` in its shape. An object belongs to every snapshot from the one that first saw it like
-- this up to the one that saw it changed or gone. `stale` tells that the kind was not listed completely in that
-- snapshot, so that the row is what was known last.

-- A JSON array of strings as text[]; null stays null.
CREATE FUNCTION clusterflow.text_array(list jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN jsonb_typeof(list) = 'array'
              THEN ARRAY(SELECT value FROM jsonb_array_elements_text(list) WITH ORDINALITY ORDER BY ordinality) END
$$;

CREATE VIEW clusterflow.snapshot_objects AS
SELECT v.*, s.id AS snapshot_id, s.created_at AS stored_at, s.seq
  FROM clusterflow.object_versions v
  JOIN public.cluster_snapshots s
    ON s.cluster_id = v.cluster_id AND s.seq >= v.from_seq AND (v.to_seq IS NULL OR s.seq < v.to_seq);

-- The snapshot of each cluster that was begun last. The greatest id is the one that was stored last, which may be one
-- that came late.
CREATE VIEW clusterflow.latest AS
SELECT DISTINCT ON (cluster_id) *
  FROM public.cluster_snapshots
 ORDER BY cluster_id, "timestamp" DESC, seq DESC;

CREATE VIEW public.deployments AS
SELECT v.id,
       v.snapshot_id,
       v.name,
       v.namespace,
       v.created_at AS created_time,
       (v.summary->>'replicas')::integer AS replicas,
       (v.summary->>'ready_replicas')::integer AS ready_replicas,
       (v.summary->>'updated_replicas')::integer AS updated_replicas,
       v.summary AS data,
       v.stored_at AS created_at,
       NOT EXISTS (SELECT FROM clusterflow.snapshot_kinds k
                    WHERE k.snapshot_id = v.snapshot_id AND k.api_group = v.api_group
                      AND k.resource = v.resource AND k.status = 'complete') AS stale
  FROM clusterflow.snapshot_objects v
 WHERE v.api_group = 'apps' AND v.resource = 'deployments';

CREATE VIEW public.pods AS
SELECT v.id,
       v.snapshot_id,
       v.name,
       v.namespace,
       v.created_at AS created_time,
       coalesce(v.summary->>'deployment_name', '') AS deployment_name,
       coalesce(v.summary->>'phase', '') AS phase,
       coalesce(v.summary->>'node_name', '') AS node_name,
       (v.summary->>'restart_count')::integer AS restart_count,
       coalesce(v.summary->>'cpu_request', '') AS cpu_request,
       coalesce(v.summary->>'cpu_limit', '') AS cpu_limit,
       coalesce(v.summary->>'memory_request', '') AS memory_request,
       coalesce(v.summary->>'memory_limit', '') AS memory_limit,
       coalesce(v.summary->>'storage_request', '') AS storage_request,
       v.summary AS data,
       v.stored_at AS created_at,
       NOT EXISTS (SELECT FROM clusterflow.snapshot_kinds k
                    WHERE k.snapshot_id = v.snapshot_id AND k.api_group = v.api_group
                      AND k.resource = v.resource AND k.status = 'complete') AS stale
  FROM clusterflow.snapshot_objects v
 WHERE v.api_group = '' AND v.resource = 'pods';

CREATE VIEW public.nodes AS
SELECT v.id,
       v.snapshot_id,
       v.name,
       v.created_at AS created_time,
       (v.summary->>'ready')::boolean AS ready,
       coalesce(v.summary->>'cpu_capacity', '') AS cpu_capacity,
       coalesce(v.summary->>'memory_capacity', '') AS memory_capacity,
       coalesce(v.summary->>'storage_capacity', '') AS storage_capacity,
       coalesce(v.summary->>'cpu_allocatable', '') AS cpu_allocatable,
       coalesce(v.summary->>'memory_allocatable', '') AS memory_allocatable,
       coalesce(v.summary->>'storage_allocatable', '') AS storage_allocatable,
       coalesce(v.summary->>'os_image', '') AS os_image,
       coalesce(v.summary->>'kernel_version', '') AS kernel_version,
       coalesce(v.summary->>'kubelet_version', '') AS kubelet_version,
       v.summary AS data,
       v.stored_at AS created_at,
       NOT EXISTS (SELECT FROM clusterflow.snapshot_kinds k
                    WHERE k.snapshot_id = v.snapshot_id AND k.api_group = v.api_group
                      AND k.resource = v.resource AND k.status = 'complete') AS stale
  FROM clusterflow.snapshot_objects v
 WHERE v.api_group = '' AND v.resource = 'nodes';

CREATE VIEW public.services AS
SELECT v.id,
       v.snapshot_id,
       v.name,
       v.namespace,
       v.created_at AS created_time,
       coalesce(v.summary->>'type', '') AS type,
       coalesce(v.summary->>'cluster_ip', '') AS cluster_ip,
       clusterflow.text_array(v.summary->'external_ips') AS external_ips,
       v.summary AS data,
       v.stored_at AS created_at,
       NOT EXISTS (SELECT FROM clusterflow.snapshot_kinds k
                    WHERE k.snapshot_id = v.snapshot_id AND k.api_group = v.api_group
                      AND k.resource = v.resource AND k.status = 'complete') AS stale
  FROM clusterflow.snapshot_objects v
 WHERE v.api_group = '' AND v.resource = 'services';

CREATE VIEW public.ingresses AS
SELECT v.id,
       v.snapshot_id,
       v.name,
       v.namespace,
       v.created_at AS created_time,
       clusterflow.text_array(v.summary->'hosts') AS hosts,
       v.summary AS data,
       v.stored_at AS created_at,
       NOT EXISTS (SELECT FROM clusterflow.snapshot_kinds k
                    WHERE k.snapshot_id = v.snapshot_id AND k.api_group = v.api_group
                      AND k.resource = v.resource AND k.status = 'complete') AS stale
  FROM clusterflow.snapshot_objects v
 WHERE v.api_group = 'networking.k8s.io' AND v.resource = 'ingresses';

CREATE VIEW public.configmaps AS
SELECT v.id,
       v.snapshot_id,
       v.name,
       v.namespace,
       v.created_at AS created_time,
       clusterflow.text_array(v.summary->'data_keys') AS data_keys,
       v.summary AS data,
       v.stored_at AS created_at,
       NOT EXISTS (SELECT FROM clusterflow.snapshot_kinds k
                    WHERE k.snapshot_id = v.snapshot_id AND k.api_group = v.api_group
                      AND k.resource = v.resource AND k.status = 'complete') AS stale
  FROM clusterflow.snapshot_objects v
 WHERE v.api_group = '' AND v.resource = 'configmaps';

CREATE VIEW public.secrets AS
SELECT v.id,
       v.snapshot_id,
       v.name,
       v.namespace,
       v.created_at AS created_time,
       coalesce(v.summary->>'type', '') AS type,
       clusterflow.text_array(v.summary->'data_keys') AS data_keys,
       v.summary AS data,
       v.stored_at AS created_at,
       NOT EXISTS (SELECT FROM clusterflow.snapshot_kinds k
                    WHERE k.snapshot_id = v.snapshot_id AND k.api_group = v.api_group
                      AND k.resource = v.resource AND k.status = 'complete') AS stale
  FROM clusterflow.snapshot_objects v
 WHERE v.api_group = '' AND v.resource = 'secrets';

CREATE VIEW public.persistent_volumes AS
SELECT v.id,
       v.snapshot_id,
       v.name,
       v.created_at AS created_time,
       coalesce(v.summary->>'capacity', '') AS capacity,
       clusterflow.text_array(v.summary->'access_modes') AS access_modes,
       coalesce(v.summary->>'reclaim_policy', '') AS reclaim_policy,
       coalesce(v.summary->>'storage_class', '') AS storage_class,
       coalesce(v.summary->>'status', '') AS status,
       coalesce(v.summary->>'volume_source', '') AS volume_source,
       v.summary AS data,
       v.stored_at AS created_at,
       NOT EXISTS (SELECT FROM clusterflow.snapshot_kinds k
                    WHERE k.snapshot_id = v.snapshot_id AND k.api_group = v.api_group
                      AND k.resource = v.resource AND k.status = 'complete') AS stale
  FROM clusterflow.snapshot_objects v
 WHERE v.api_group = '' AND v.resource = 'persistentvolumes';

CREATE VIEW public.persistent_volume_claims AS
SELECT v.id,
       v.snapshot_id,
       v.name,
       v.namespace,
       v.created_at AS created_time,
       coalesce(v.summary->>'requested_size', '') AS requested_size,
       clusterflow.text_array(v.summary->'access_modes') AS access_modes,
       coalesce(v.summary->>'storage_class', '') AS storage_class,
       coalesce(v.summary->>'status', '') AS status,
       coalesce(v.summary->>'volume_name', '') AS volume_name,
       v.summary AS data,
       v.stored_at AS created_at,
       NOT EXISTS (SELECT FROM clusterflow.snapshot_kinds k
                    WHERE k.snapshot_id = v.snapshot_id AND k.api_group = v.api_group
                      AND k.resource = v.resource AND k.status = 'complete') AS stale
  FROM clusterflow.snapshot_objects v
 WHERE v.api_group = '' AND v.resource = 'persistentvolumeclaims';

-- `SELECT s.data FROM cluster_snapshots s`: the whole snapshot as one document, put together from the versions
-- when it is asked for (PostgreSQL calls a function of one row as if it were a column).
CREATE FUNCTION public.data(s public.cluster_snapshots) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'timestamp', s."timestamp",
    'deployments', (SELECT coalesce(jsonb_agg(t.data ORDER BY t.id), '[]') FROM public.deployments t WHERE t.snapshot_id = s.id),
    'pods', (SELECT coalesce(jsonb_agg(t.data ORDER BY t.id), '[]') FROM public.pods t WHERE t.snapshot_id = s.id),
    'nodes', (SELECT coalesce(jsonb_agg(t.data ORDER BY t.id), '[]') FROM public.nodes t WHERE t.snapshot_id = s.id),
    'services', (SELECT coalesce(jsonb_agg(t.data ORDER BY t.id), '[]') FROM public.services t WHERE t.snapshot_id = s.id),
    'ingresses', (SELECT coalesce(jsonb_agg(t.data ORDER BY t.id), '[]') FROM public.ingresses t WHERE t.snapshot_id = s.id),
    'configmaps', (SELECT coalesce(jsonb_agg(t.data ORDER BY t.id), '[]') FROM public.configmaps t WHERE t.snapshot_id = s.id),
    'secrets', (SELECT coalesce(jsonb_agg(t.data ORDER BY t.id), '[]') FROM public.secrets t WHERE t.snapshot_id = s.id),
    'persistent_volumes', (SELECT coalesce(jsonb_agg(t.data ORDER BY t.id), '[]') FROM public.persistent_volumes t WHERE t.snapshot_id = s.id),
    'persistent_volume_claims', (SELECT coalesce(jsonb_agg(t.data ORDER BY t.id), '[]') FROM public.persistent_volume_claims t WHERE t.snapshot_id = s.id))
$$;

-- How complete each snapshot is, kind by kind.
CREATE VIEW clusterflow.snapshot_health AS
SELECT s.id AS snapshot_id, s.cluster_name, s."timestamp", s.consistency AS snapshot_consistency, s.revision AS snapshot_revision,
       k.resource, k.status, k.reason, k.objects, k.consistency, k.revision
  FROM public.cluster_snapshots s
  JOIN clusterflow.snapshot_kinds k ON k.snapshot_id = s.id;
