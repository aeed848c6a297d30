import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import { connect, type World } from "./world.ts";

/** What a server says when it is in trouble and the rows are not: nothing of this may ever make a dead letter. */
const TROUBLES = ["53100", "53300", "40001", "40P01", "57P01", "55P03", "25006"];
const STORM_MS = 40_000;
const TURN_MS = 2_000;
const PROGRESS_MS = 10_000;

/** What can be done to servers that others use too. */
export const SERVER_FAULTS: readonly Fault[] = [
  {
    ...serverFault("PostgreSQL ends all sessions, again and again"),
    members: 3,
    inject: endsSessions,
  },
  { ...serverFault("PostgreSQL can only be read for a while"), inject: isReadOnly },
  { ...serverFault(`PostgreSQL says ${TROUBLES.join(", ")} in turn`), inject: saysSqlstates },
  { ...serverFault("five processes come and go every two seconds"), isLong: true, inject: storms },
];

export function serverFault(name: string): Omit<Fault, "inject"> {
  return { name, kind: "a server", members: 1, perSecond: 1_000 };
}

async function endsSessions(world: World): Promise<void> {
  await world.moves();
  let ended = 0;
  for (let time = 0; time < 20; time += 1) {
    ended += await endSessions(world);
    await delay(200);
  }
  if (ended < 20) throw new Error(`only ${ended} sessions were ended`);
  await world.moves();
}

async function isReadOnly(world: World): Promise<void> {
  const { database } = world.database;
  await world.moves();
  await asSuperuser(world, `ALTER DATABASE ${database} SET default_transaction_read_only = on`);
  await endSessions(world); // a session keeps what it began with
  await isHeard(world, "read-only");
  await delay(2_000);
  await asSuperuser(world, `ALTER DATABASE ${database} RESET default_transaction_read_only`);
  await world.moves();
}

async function saysSqlstates(world: World): Promise<void> {
  await world.moves();
  for (const sqlstate of TROUBLES) {
    await world.obstruct({ sqlstate });
    await isHeard(world, `obstructed by ${sqlstate}`);
    await delay(500);
    await world.obstruct({});
    await world.moves();
  }
}

/** In each window of ten seconds something is stored, whoever comes or goes. */
async function storms(world: World): Promise<void> {
  await world.moves();
  for (let n = 1; n < 5; n += 1) world.startMember();
  const leaving: Promise<void>[] = [];
  let [settled, movedAt] = [await world.settled(), performance.now()];
  const until = performance.now() + STORM_MS;
  for (let turn = 0; performance.now() < until; turn += 1) {
    leaving.push(world.members[turn]!.leave());
    world.startMember();
    const next = performance.now() + TURN_MS;
    while (performance.now() < next) {
      await delay(200);
      const now = await world.settled();
      if (now > settled) [settled, movedAt] = [now, performance.now()];
      const still = performance.now() - movedAt;
      if (still > PROGRESS_MS) throw new Error(`nothing was stored for ${Math.round(still / 1000)} s`);
    }
  }
  await Promise.all(leaving);
}

/** Sessions of our processes; those who judge keep theirs. */
async function endSessions(world: World): Promise<number> {
  const ended = await asSuperuser(
    world,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = '${world.database.database}' AND application_name LIKE 'clusterflow consume%'`,
  );
  return ended.length;
}

/** The first process says that it waits, for what, and why. */
export async function isHeard(world: World, why: string): Promise<void> {
  const [member] = world.members;
  const hasSaid = (): boolean =>
    member!.of("waiting").some((report) => `${report.for}: ${report.reason}`.includes(why));
  await member!.until(`word of "${why}"`, hasSaid, 30_000);
}

export async function asSuperuser(world: World, statement: string): Promise<readonly object[]> {
  const sql = connect(world.servers.superuser);
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
