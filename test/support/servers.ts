import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { DEVELOPMENT } from "../../src/local/state.ts";

/**
 * A database of the test's own, gone at the end of the block. It belongs to the ordinary user of the local
 * stack, so that no test passes only because its user may do everything.
 */
export async function testDatabase(
  server = superuser(),
): Promise<{ readonly settings: DatabaseSettings } & AsyncDisposable> {
  const database = `test_${randomBytes(6).toString("hex")}`;
  const { user, password } = DEVELOPMENT;
  await asSuperuser(server, `CREATE DATABASE ${database} OWNER ${user}`);
  return {
    settings: { ...server, database, user, password },
    [Symbol.asyncDispose]: () => asSuperuser(server, `DROP DATABASE ${database} WITH (FORCE)`),
  };
}

/** For what an ordinary user may not do: ending other sessions, server settings. */
export function superuser(): DatabaseSettings {
  return inject("superuser");
}

export function testTopicName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString("hex")}`;
}

async function asSuperuser(
  { host, port, database, user, password }: DatabaseSettings,
  statement: string,
): Promise<void> {
  const sql = postgres({
    host,
    port,
    database,
    user,
    password: password ?? "",
    max: 1,
    onnotice: () => undefined,
  });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
