import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import type { OwnServers } from "./own-servers.ts";
import { asSuperuser, isHeard, serverFault } from "./server-faults.ts";
import type { World } from "./world.ts";

const AWAY_MS = 3_000;
/** Above the time-out of every request to a broker, and above the group's session. */
const FROZEN_MS = 25_000;
const BACKLOG = 20_000;

/** What nobody may do to servers that others use. */
export function ownServerFaults(servers: () => OwnServers): readonly Fault[] {
  return [
    {
      ...serverFault("PostgreSQL is restarted (fast)"),
      inject: (world) => restartsPostgres(world, servers(), "SIGINT"),
    },
    {
      ...serverFault("PostgreSQL is restarted (immediate)"),
      inject: (world) => restartsPostgres(world, servers(), "SIGQUIT"),
    },
    {
      ...serverFault("the broker is restarted in order"),
      inject: (world) => restartsBroker(world, servers(), "SIGTERM"),
    },
    {
      ...serverFault("the broker is killed and started again"),
      inject: (world) => restartsBroker(world, servers(), "SIGKILL"),
    },
    { ...serverFault("the broker is frozen"), inject: (world) => freezesBroker(world, servers()) },
  ];
}

export function diskFull(servers: () => OwnServers): Fault {
  return {
    ...serverFault("the disk is full"),
    perSecond: 3_000,
    inject: (world) => fillsDisk(world, servers()),
  };
}

/** A really full disk is a small one of our own, which not everybody may make. */
export function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "clusterflow-mount-"));
  try {
    mount(folder, "1m");
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

async function restartsPostgres(world: World, servers: OwnServers, how: NodeJS.Signals): Promise<void> {
  await world.moves();
  await servers.stop("postgres", how);
  await isHeard(world, "PostgreSQL");
  await delay(AWAY_MS);
  await servers.start();
  await world.moves();
}

/** Nothing is produced while it is away: what a producer does twice would not be the consumer's fault. */
async function restartsBroker(world: World, servers: OwnServers, how: NodeJS.Signals): Promise<void> {
  await holdsBacklog(world);
  await servers.stop("kafka", how);
  await isHeard(world, "Kafka");
  await delay(AWAY_MS);
  await servers.start();
  await goesOn(world);
}

async function freezesBroker(world: World, servers: OwnServers): Promise<void> {
  await holdsBacklog(world);
  servers.signal("kafka", "SIGSTOP");
  await delay(FROZEN_MS);
  await isHeard(world, "Kafka");
  servers.signal("kafka", "SIGCONT");
  await goesOn(world);
}

/** Records that are still being written, slowly, when the broker goes. */
async function holdsBacklog(world: World): Promise<void> {
  await world.moves();
  await world.feed.stop();
  await world.obstruct({ seconds: 0.3 });
  await world.feed.burst(BACKLOG);
}

async function goesOn(world: World): Promise<void> {
  const going = world.moves();
  await world.obstruct({});
  await world.feed.burst(2_000);
  await going;
}

/** The table lies on a small disk, beside a file that takes most of it; an operator makes room by removing that. */
async function fillsDisk(world: World, servers: OwnServers): Promise<void> {
  const disk = join(servers.dataDir, "disk");
  const space = join(disk, "space");
  const { uid, gid } = statSync(join(servers.dataDir, "postgres"));
  mkdirSync(disk);
  mount(disk, "48m");
  try {
    mkdirSync(space);
    chownSync(space, uid, gid);
    await asSuperuser(world, `CREATE TABLESPACE small LOCATION '${space}'`);
    await asSuperuser(world, "GRANT CREATE ON TABLESPACE small TO public");
    await world.sql`ALTER TABLE public.append SET TABLESPACE small`;
    await world.sql`CREATE TABLE public.filler TABLESPACE small AS
      SELECT repeat('x', 900) AS x FROM generate_series(1, 32000)`;
    await isHeard(world, "No space left on device");
    await delay(AWAY_MS);
    await world.sql`DROP TABLE public.filler`;
    await world.moves();
    await world.sql`ALTER TABLE public.append SET TABLESPACE pg_default`;
    await asSuperuser(world, "DROP TABLESPACE small");
  } finally {
    execFileSync("umount", ["--lazy", disk]);
  }
}

function mount(folder: string, size: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], { stdio: "pipe" });
}
