/**
 * What a person may run in the database where damage cannot be mended by a command: what is stored is recognised by its
 * identity, and therefore never written a second time.
 */

/**
 * Ends the open versions of some kinds with the next snapshot, which then writes them anew. A version whose document was
 * changed beside its hash would otherwise be taken for the object itself by every snapshot to come.
 */
export function endVersions(
  cluster: string,
  kinds: readonly { readonly group: string; readonly resource: string }[],
): string {
  const pairs = kinds.map(({ group, resource }) => `(${literal(group)}, ${literal(resource)})`).join(", ");
  return (
    "UPDATE clusterflow.object_versions v SET to_seq = c.last_seq + 1, valid_to = now() FROM clusterflow.clusters c " +
    `WHERE c.cluster_id = v.cluster_id AND v.to_seq IS NULL AND v.cluster_id = ${literal(cluster)} ` +
    `AND (v.api_group, v.resource) IN (${pairs})`
  );
}

/** Forgets that a snapshot was applied, so that its messages count again. */
export function forgetSnapshot(snapshot: string): string {
  return `DELETE FROM clusterflow.snapshots WHERE snapshot = ${literal(snapshot)}`;
}

/** Drops dead letters that are not what lies in the topic; reading it again keeps the records themselves. */
export function dropDeadLetters(
  { group, topic, partition }: { readonly group: string; readonly topic: string; readonly partition: number },
  offsets: readonly bigint[],
): string {
  return (
    `DELETE FROM clusterflow.dead_letters WHERE "group" = ${literal(group)} AND topic = ${literal(topic)} ` +
    `AND partition = ${partition} AND "offset" IN (${offsets.join(", ")})`
  );
}

/** Drops rows by their identity, as PostgreSQL writes it; reading the topic again makes them anew. */
export function dropRows(
  [schema, table]: readonly [schema: string, table: string],
  identities: readonly (readonly (readonly [column: string, value: string])[])[],
): string {
  const rows = identities.map(
    (identity) =>
      `(${identity.map(([column, value]) => `${quoted(column)} = ${literal(value)}`).join(" AND ")})`,
  );
  return `DELETE FROM ${quoted(schema)}.${quoted(table)} WHERE ${rows.join(" OR ")}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
