import type { Connection } from "./connection.ts";
import { codeOf, toDatabaseError } from "./errors.ts";

/** Rows of `cluster_snapshots`; 0 in a database that never saw clusterflow. */
export async function countSnapshots(connection: Connection): Promise<number> {
  try {
    const [row] = await connection.query("SELECT count(*)::integer AS n FROM public.cluster_snapshots");
    return Number(row?.["n"]);
  } catch (error) {
    if (codeOf(error) === "42P01") return 0;
    throw toDatabaseError(error, connection.settings);
  }
}
