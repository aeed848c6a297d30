import { randomInt } from "node:crypto";
import { createServer, connect } from "node:net";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { ClusterflowError } from "../core/errors.ts";
import { portForbidden, portTaken } from "./failures.ts";
import { portHolder } from "./port-holder.ts";
import { HOST } from "./state.ts";

/** Below Linux's range for outgoing connections (32768 and up), so that none of those grabs a port between two starts. */
const RANDOM_PORTS = { from: 20_000, to: 30_000 } as const;
const RANDOM_TRIES = 200;

export interface PortWish {
  /** What the port is for, as errors say it. */
  readonly server: string;
  /** What to do when it cannot be had: the next command, or a flag. */
  readonly hint: string;
  /** A port that has to be it. */
  readonly forced: number | null;
  /** The one it had at the last start, to be kept if that is possible at all. */
  readonly before: number | null;
  /** The one that people expect it on. */
  readonly usual: number | null;
}

/**
 * How long a port that is wanted in particular may be busy: another stack's start looks at ports by opening them for
 * a moment, and a server that has just been ended may need one to let its port go.
 */
const PATIENCE_MS = 1000;

/** The port for a wish, added to `taken`: ports already promised to other servers that do not listen yet. */
export async function choosePort(wish: PortWish, taken: Set<number>): Promise<number> {
  const port =
    wish.forced === null ? await firstFree(wish, taken) : await forcedPort(wish, wish.forced, taken);
  taken.add(port);
  return port;
}

/** Whether a server could listen on this port of 127.0.0.1 now; throws the system's error when it may not at all. */
export async function isFree(port: number): Promise<boolean> {
  // Some systems let a server bind 127.0.0.1 beside another that has bound every address: so ask first.
  return !(await answers(port)) && (await canBind(port));
}

/** Checks a port's number as it comes from a flag. */
export function parsePort(text: string, flag: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new ClusterflowError(`${flag} takes a port from 1 to 65535, not "${text}".`, {
    code: "usage",
    hint: `Leave ${flag} out to get a free port.`,
  });
}

async function forcedPort(wish: PortWish, port: number, taken: ReadonlySet<number>): Promise<number> {
  if (taken.has(port)) throw portTaken(port, wish.server, "another server of this stack", wish.hint);
  if (await becomesFree(port, wish)) return port;
  throw portTaken(port, wish.server, holderOf(port, wish.server), wish.hint);
}

async function firstFree(wish: PortWish, taken: ReadonlySet<number>): Promise<number> {
  const { before, usual } = wish;
  if (before !== null && !taken.has(before) && (await becomesFree(before, wish))) return before;
  const random = Array.from({ length: RANDOM_TRIES }, () => randomInt(RANDOM_PORTS.from, RANDOM_PORTS.to));
  for (const port of [...(usual === null ? [] : [usual]), ...random]) {
    if (!taken.has(port) && (await isFreeFor(port, wish))) return port;
  }
  throw new ClusterflowError(`No free port was found for ${wish.server}.`, {
    code: "unexpected",
    hint: wish.hint,
  });
}

async function becomesFree(port: number, wish: PortWish): Promise<boolean> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isFreeFor(port, wish))) {
    if (Date.now() > end) return false;
    await delay(50);
  }
  return true;
}

async function isFreeFor(port: number, wish: PortWish): Promise<boolean> {
  try {
    return await isFree(port);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EACCES")
      throw portForbidden(port, wish.hint);
    throw cause;
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ port, host: HOST });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(1000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function canBind(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, HOST);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE") return false;
    throw cause;
  }
}

/** Who has a port, as far as can be found out. */
export function holderOf(port: number, server: string): string {
  return (
    portHolder(port) ?? `another program, perhaps another ${server.replace(/ .*/, "")} or another local stack`
  );
}
