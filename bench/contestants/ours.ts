import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { inject } from "vitest";
import { TABLES } from "../../test/support/event-streams.mjs";
import type { Store } from "../measure/store.ts";
import type { Contestant } from "./contestant.ts";

const SUPPORT = resolve(import.meta.dirname, "../../test/support");
const MEMBER = join(SUPPORT, "stream-member.mjs");
const STREAMS_MODULE = join(SUPPORT, "event-streams.mjs");
const DRAIN_MS = 15_000;

export interface MemberOptions {
  readonly stream: string;
  readonly topic: string;
  /** Left out, as many as the program takes by itself. */
  readonly writers?: number;
  /** A file of this bench that runs the stream without the fence. */
  readonly program?: string;
}

/** clusterflow's consumer, as a process that is born at the start. */
export function ours(name: string, options: MemberOptions): Contestant {
  return {
    name,
    tables: TABLES[options.stream]!,
    check: (store) => checkFence(store, options.program === undefined),
    ready: (store) => {
      const group = groupName();
      let member: ChildProcess | null = null;
      return Promise.resolve({
        start() {
          member = startMember(store, group, options);
          return Promise.resolve({ pid: member.pid! });
        },
        [Symbol.asyncDispose]: async () => {
          if (member !== null) await endMember(member);
        },
      });
    },
  };
}

/** The fence counts what it lets through: everything, or nothing when there is none. */
async function checkFence(store: Store, isFenced: boolean): Promise<void> {
  const [ledger] = await store.query<[{ stored: number }]>(
    "SELECT sum(stored)::float8 AS stored FROM clusterflow.offsets",
  );
  const expected = isFenced ? await store.rows() : 0;
  if (ledger.stored !== expected)
    throw new Error(`the fence has counted ${ledger.stored} records, not ${expected}`);
}

export function groupName(): string {
  return `bench-${randomBytes(4).toString("hex")}`;
}

export function startMember(store: Store, group: string, options: MemberOptions): ChildProcess {
  const { stream, topic, writers, program = MEMBER } = options;
  const task = {
    module: STREAMS_MODULE,
    stream,
    settings: { kafka: { brokers: inject("brokers"), topic }, database: store.settings, group },
    options: writers === undefined ? {} : { writers },
  };
  const log = openSync(join(inject("dataDir"), `${group}.log`), "a");
  const { PATH, HOME } = process.env;
  try {
    return spawn(process.execPath, [program, JSON.stringify(task)], {
      env: { PATH, HOME },
      stdio: ["ignore", log, log],
    });
  } finally {
    closeSync(log);
  }
}

/** Lets it drain, and asks no second time. */
export async function endMember(member: ChildProcess): Promise<void> {
  if (member.exitCode !== null || member.signalCode !== null) return;
  const closed = once(member, "close");
  member.kill("SIGTERM");
  const timer = setTimeout(() => member.kill("SIGKILL"), DRAIN_MS);
  await closed;
  clearTimeout(timer);
}
