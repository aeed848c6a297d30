import type { JsonObject } from "../core/json.ts";
import type { Connection } from "./connection.ts";
import { toDatabaseError } from "./errors.ts";

/** Puts rows into tables of schema public; those that are there stay as they are. The names are ours, not a person's. */
export async function loadRows(
  connection: Connection,
  tables: Readonly<Record<string, readonly JsonObject[]>>,
): Promise<void> {
  try {
    for (const [table, rows] of Object.entries(tables)) {
      const columns = Object.keys(rows[0] ?? {}).join(", ");
      if (columns === "") continue;
      const values = `SELECT ${columns} FROM jsonb_populate_recordset(NULL::public.${table}, $1::text::jsonb)`;
      const insert = `INSERT INTO public.${table} (${columns}) ${values} ON CONFLICT DO NOTHING`;
      await connection.query(insert, [JSON.stringify(rows)]);
    }
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}
