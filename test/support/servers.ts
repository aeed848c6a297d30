import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { Connection } from "../../src/postgres/connection.ts";

/** A database of the test's own, gone at the end of the block. */
export async function testDatabase(): Promise<{ readonly settings: DatabaseSettings } & AsyncDisposable> {
  const database = `test_${randomBytes(6).toString("hex")}`;
  const { host, port, password } = inject("superuser");
  const settings = { host, port, user: "postgres", password, sslmode: "disable", sslRootCert: null } as const;
  const asSuperuser = async (statement: string): Promise<void> => {
    await using connection = new Connection({ ...settings, database: "postgres" }, "test");
    await connection.script(statement);
  };
  await asSuperuser(`CREATE DATABASE ${database}`);
  return {
    settings: { ...settings, database },
    [Symbol.asyncDispose]: () => asSuperuser(`DROP DATABASE ${database} WITH (FORCE)`),
  };
}

export function testTopicName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString("hex")}`;
}
