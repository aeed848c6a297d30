import { ClusterflowError } from "../core/errors.ts";
import type { Connection, Row } from "./connection.ts";
import { codeOf, toDatabaseError } from "./errors.ts";

export type Role = "writer" | "reader";

export interface StoredUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAt: Date;
}

export interface StoredSecret extends StoredUser {
  readonly passwordHash: string;
}

export type NewUser = Pick<StoredSecret, "name" | "email" | "role" | "passwordHash">;

const COLUMNS = "id::text AS id, name, email, role, created_at, password_hash";
/** A person waits for a login. */
const DEADLINE_MS = 5_000;

/** The table clusterflow.users. E-mail addresses are given in lower case. */
export class UserTable {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async byEmail(email: string): Promise<StoredSecret | null> {
    const [row] = await this.#ask(`SELECT ${COLUMNS} FROM clusterflow.users WHERE email = $1`, [email]);
    return row === undefined ? null : userOf(row);
  }

  async list(): Promise<readonly StoredUser[]> {
    return (await this.#ask(`SELECT ${COLUMNS} FROM clusterflow.users ORDER BY email`, [])).map(userOf);
  }

  /** False when there is such a user; `isAnew` gives that one the new name, role and password instead. */
  async add({ name, email, role, passwordHash }: NewUser, isAnew = false): Promise<boolean> {
    const again = isAnew
      ? "DO UPDATE SET name = excluded.name, role = excluded.role, password_hash = excluded.password_hash"
      : "DO NOTHING";
    const rows = await this.#ask(
      `INSERT INTO clusterflow.users (name, email, role, password_hash) VALUES ($1, $2, $3, $4)
       ON CONFLICT (email) ${again} RETURNING id`,
      [name, email, role, passwordHash],
    );
    return rows.length > 0;
  }

  /** False when there is no such user. */
  async remove(email: string): Promise<boolean> {
    return (
      (await this.#ask("DELETE FROM clusterflow.users WHERE email = $1 RETURNING id", [email])).length > 0
    );
  }

  async #ask(text: string, parameters: readonly string[]): Promise<readonly Row[]> {
    try {
      return await this.#connection.query(text, parameters, { deadlineMs: DEADLINE_MS });
    } catch (error) {
      if (codeOf(error) === "42P01") throw noTable(error);
      throw toDatabaseError(error, this.#connection.settings);
    }
  }
}

function noTable(cause: unknown): ClusterflowError {
  return new ClusterflowError("the database has no table of users yet", {
    code: "usage",
    hint: "clusterflow migrate",
    cause,
  });
}

function userOf(row: Row): StoredSecret {
  const text = (name: string): string => String(row[name]);
  return {
    id: text("id"),
    name: text("name"),
    email: text("email"),
    role: row["role"] === "writer" ? "writer" : "reader",
    createdAt: new Date(text("created_at")),
    passwordHash: text("password_hash"),
  };
}
