import type { KnownUser, Users } from "../../http/gateway/ports.ts";
import { UserTable, type StoredSecret } from "../../postgres/users.ts";
import type { Connection } from "../../postgres/connection.ts";
import type { Demand } from "./database.ts";

/** Logins against the table of users. Whoever signs up by himself is a reader. */
export function usersOf(connection: Connection, demand: Demand): Users {
  const table = new UserTable(connection);
  return {
    async byEmail(email) {
      demand();
      const user = await table.byEmail(email);
      return user === null ? null : knownUser(user);
    },
    async add({ name, email, passwordHash }) {
      demand();
      const isNew = await table.add({ name: name ?? email, email, role: "reader", passwordHash });
      return isNew ? "added" : "taken";
    },
  };
}

function knownUser({ id, name, email, role, passwordHash }: StoredSecret): KnownUser {
  return { id, name, email, passwordHash, scopes: role === "writer" ? ["WRITE"] : ["READ"] };
}

/** Where there is no database: tokens are checked all the same. */
export const NOBODY: Users = { byEmail: () => Promise.resolve(null) };
