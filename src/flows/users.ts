import type { DatabaseSettings } from "../config/parts.ts";
import { ClusterflowError } from "../core/errors.ts";
import { hashPassword } from "../http/gateway/passwords.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { Connection } from "../postgres/connection.ts";
import { databaseName } from "../postgres/errors.ts";
import { migrate } from "../postgres/migrate.ts";
import { UserTable, type Role, type StoredUser } from "../postgres/users.ts";
import type { FlowRun } from "./run.ts";

/** Milliseconds that a command which somebody waits for waits for the database. */
const PATIENCE_MS = 30_000;

export interface WantedUser {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly password: string;
}

type Run = Pick<FlowRun, "tell" | "signal">;

/** Rejects with `refused` when there is such a user, unless `isAnew`: then that one is changed. */
export async function addUser(
  settings: DatabaseSettings,
  { password, ...user }: WantedUser,
  isAnew: boolean,
  run: Run,
): Promise<void> {
  const passwordHash = await hashPassword(password);
  const isAdded = await withUsers(settings, run, (users) => users.add({ ...user, passwordHash }, isAnew));
  if (isAdded) return;
  throw new ClusterflowError(`there is a user ${user.email} already`, {
    code: "refused",
    hint: `give it this role and password: clusterflow users add --email ${user.email} --role ${user.role} --replace`,
  });
}

export async function removeUser(settings: DatabaseSettings, email: string, run: Run): Promise<void> {
  if (await withUsers(settings, run, (users) => users.remove(email))) return;
  throw new ClusterflowError(`there is no user ${email}`, { code: "usage", hint: "clusterflow users list" });
}

export async function listUsers(settings: DatabaseSettings, run: Run): Promise<readonly StoredUser[]> {
  return await withUsers(settings, run, (users) => users.list());
}

async function withUsers<T>(
  settings: DatabaseSettings,
  { tell, signal }: Run,
  work: (users: UserTable) => Promise<T>,
): Promise<T> {
  await using connection = new Connection(settings, "clusterflow users");
  const outage = { name: databaseName(settings), tell, signal, giveUpAfterMs: PATIENCE_MS };
  await throughOutages(() => migrate(connection), outage);
  return await work(new UserTable(connection));
}
