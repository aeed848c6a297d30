import { setTimeout as delay } from "node:timers/promises";
import { ClusterflowError } from "../core/errors.ts";
import { isRunning } from "../machine/process-identity.ts";
import type { ServerRecord } from "./state.ts";

type Step = readonly [signal: NodeJS.Signals, waitMs: number];

/**
 * PostgreSQL's meaning of signals: SIGINT ends the sessions and shuts down cleanly, SIGTERM would wait for
 * them without limit; SIGQUIT stops at once and leaves the recovery to the next start.
 */
const POSTGRES_STEPS: readonly Step[] = [
  ["SIGINT", 30_000],
  ["SIGQUIT", 5_000],
  ["SIGKILL", 5_000],
];
const STEPS: readonly Step[] = [
  ["SIGTERM", 30_000],
  ["SIGKILL", 5_000],
];

/** Ends the very process that was recorded, and no later one with its pid; returns whether it was there. */
export async function endServer(server: ServerRecord): Promise<boolean> {
  if (!isRunning(server)) return false;
  for (const [signal, waitMs] of server.kind === "postgres" ? POSTGRES_STEPS : STEPS) {
    send(server, signal);
    if (await isGoneWithin(server, waitMs)) return true;
  }
  throw new ClusterflowError(
    `${server.name} (pid ${server.pid}) could not be ended, not even with SIGKILL.`,
    {
      code: "unexpected",
      hint: `Look at it with: ps -fp ${server.pid}`,
    },
  );
}

function send(server: ServerRecord, signal: NodeJS.Signals): void {
  try {
    if (isRunning(server)) process.kill(server.pid, signal);
  } catch (cause) {
    if (isRunning(server)) {
      throw new ClusterflowError(`${server.name} (pid ${server.pid}) belongs to another user.`, {
        code: "usage",
        hint: "Run the command as the user who started the stack.",
        cause,
      });
    }
  }
}

async function isGoneWithin(server: ServerRecord, waitMs: number): Promise<boolean> {
  const end = Date.now() + waitMs;
  while (Date.now() < end) {
    if (!isRunning(server)) return true;
    await delay(20);
  }
  return false;
}
