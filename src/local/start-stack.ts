import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { ClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { formatDuration } from "../core/duration.ts";
import { endServer } from "./end-server.ts";
import { accessFailure, diedAtStart, PORT_TAKEN } from "./failures.ts";
import { LAYOUT } from "./folders.ts";
import { drawClusterId } from "./kafka-server.ts";
import type { Launch } from "./launch-server.ts";
import { launchServer, waitUntilReady } from "./launch-server.ts";
import { withLock } from "./lock.ts";
import { prepareFolder, removeMadeFolders } from "./make-folder.ts";
import { findPrograms, planLaunch } from "./plan-launches.ts";
import { isRunning } from "../machine/process-identity.ts";
import { emptyFolder, removeData } from "./remove-data.ts";
import { assertReachable, postgresUser } from "./run-as.ts";
import { lastLines } from "./server-log.ts";
import { whyNotReady } from "./server-probe.ts";
import type { StackOptions } from "./stack-options.ts";
import { chooseStackPorts } from "./stack-ports.ts";
import { chosenCluster, tellCluster, withoutCluster } from "./stack-cluster.ts";
import { serversOf, titleOf } from "./stack-servers.ts";
import type { StateBook } from "./state-book.ts";
import { openStateBook } from "./state-book.ts";
import type { ServerRecord, StackState, StateFile } from "./state.ts";
import { readStateFile, stackState } from "./state.ts";

/** Tries with ports that were free a moment before. */
const MAX_STARTS = 3;

export interface StartedStack extends StackState {
  /** Names of the servers that this call started; empty when all of them were running. */
  readonly started: readonly string[];
}

/**
 * Starts what does not run yet of a local stack, as processes that outlive this one, and resolves when each
 * has answered a real request. When it fails, or `options.signal` fires, what it had started is ended again.
 */
export async function startStack(options: StackOptions, tell: Tell): Promise<StartedStack> {
  const [dataDir, cacheDir] = [resolve(options.dataDir), resolve(options.cacheDir)];
  const signal = options.signal ?? new AbortController().signal;
  const user = await postgresUser(signal);
  const made = prepareFolder(dataDir);
  try {
    if (user !== null) assertReachable(join(dataDir, LAYOUT.postgres), user);
    const work = () => startLocked({ ...options, dataDir, cacheDir }, signal, tell);
    return await withLock(dataDir, tell, signal, work);
  } catch (failure) {
    removeMadeFolders(made);
    throw failure;
  }
}

async function startLocked(options: StackOptions, signal: AbortSignal, tell: Tell): Promise<StartedStack> {
  const before = readStateFile(options.dataDir);
  const isNew = before === null;
  if (isNew) assertEmpty(options.dataDir);
  else tellCluster(options, before, tell);
  try {
    return await startDespiteOthers(options, signal, tell);
  } catch (failure) {
    if (isNew && options.ephemeral) await removeData(options.dataDir);
    else if (isNew && !hasStarted(options.dataDir)) await emptyFolder(options.dataDir);
    // What was cut off says so in many ways; the person has to read only one.
    signal.throwIfAborted();
    throw failure;
  }
}

/** Another program may take a port between the look at it and its use; then others are chosen, unless it was wished for. */
async function startDespiteOthers(
  options: StackOptions,
  signal: AbortSignal,
  tell: Tell,
): Promise<StartedStack> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options, signal, tell);
    } catch (failure) {
      const isTaken = failure instanceof ClusterflowError && failure.vendorCode === PORT_TAKEN;
      const isWished = Object.values(options.ports).some((port) => port !== null);
      if (!isTaken || isWished || attempt === MAX_STARTS) throw failure;
    }
  }
}

async function startOnce(options: StackOptions, signal: AbortSignal, tell: Tell): Promise<StartedStack> {
  const { dataDir } = options;
  const found = readStateFile(dataDir);
  if (found !== null) assertSameStack(options, found);
  const before = options.cluster === "none" && found !== null ? await withoutCluster(found) : found;
  const running = before?.servers.filter(isRunning) ?? [];
  const book = openStateBook(dataDir, await nextState(options, before, running));
  makeLogFolder(dataDir);
  await awaitRunning(book.file(), running, signal);
  const started = await startMissing(options, book, running, signal, tell);
  return { ...stackState(dataDir, book.file()), started };
}

/** Whether a server ever was a process here; then its log, and the data it made, may be wanted. */
function hasStarted(dataDir: string): boolean {
  const logs = join(dataDir, LAYOUT.logs);
  return existsSync(logs) && readdirSync(logs).length > 0;
}

/** Only a folder that is new or a stack's: `reset` deletes what lies in it. */
function assertEmpty(dataDir: string): void {
  const strangers = readdirSync(dataDir).filter((name) => !name.startsWith(LAYOUT.lock));
  if (strangers.length === 0) return;
  throw new ClusterflowError(
    `${dataDir} holds something else (${strangers[0] ?? ""}) and is no local stack's folder.`,
    {
      code: "usage",
      hint: "Name an empty folder, or one that does not exist yet: --data-dir FOLDER",
    },
  );
}

function assertSameStack(options: StackOptions, before: StateFile): void {
  const brokers = before.ports.kafka.length;
  if (options.brokers !== null && options.brokers !== brokers) {
    throw new ClusterflowError(`The stack in ${options.dataDir} was made with --brokers ${brokers}.`, {
      code: "usage",
      hint: `Start it with --brokers ${brokers}, or start another one with --data-dir FOLDER.`,
    });
  }
  const cluster = before.servers.find((server) => server.kind === "cluster");
  const [now, wanted] = [before.cluster, options.cluster];
  const isOther =
    now !== null &&
    wanted !== null &&
    wanted !== "none" &&
    (now.objects !== wanted.objects || now.seed !== wanted.seed);
  if (cluster !== undefined && isRunning(cluster) && isOther) {
    throw new ClusterflowError(
      `The simulated cluster runs already, as synthetic:${now.objects}:${now.seed}.`,
      {
        code: "usage",
        hint: `clusterflow local stop && clusterflow local start --cluster synthetic:${wanted.objects}:${wanted.seed}`,
      },
    );
  }
}

async function nextState(
  options: StackOptions,
  before: StateFile | null,
  running: readonly ServerRecord[],
): Promise<StateFile> {
  const names = new Set(running.map((server) => server.name));
  const brokers = before?.ports.kafka.length ?? options.brokers ?? 1;
  const cluster = chosenCluster(options, before);
  return {
    ...(before ?? newStack(options)),
    cacheDir: options.cacheDir,
    ports: await chooseStackPorts({ ...options, brokers, cluster }, before?.ports ?? null, names),
    cluster,
    servers: running,
  };
}

/** What a stack keeps from its first start to its end. */
function newStack({
  ephemeral,
  durable = true,
}: StackOptions): Omit<StateFile, "ports" | "cluster" | "servers"> {
  const superuserPassword = randomBytes(18).toString("base64url");
  return { format: 1, ephemeral, durable, cacheDir: "", kafkaClusterId: drawClusterId(), superuserPassword };
}

function makeLogFolder(dataDir: string): void {
  try {
    mkdirSync(join(dataDir, LAYOUT.logs), { recursive: true });
    chmodSync(join(dataDir, LAYOUT.logs), 0o755);
  } catch (cause) {
    throw accessFailure(dataDir, cause);
  }
}

/** A start that was cut off may have left servers that run but do not serve yet. */
async function awaitRunning(
  file: StateFile,
  running: readonly ServerRecord[],
  signal: AbortSignal,
): Promise<void> {
  const expected = { kafkaClusterId: file.kafkaClusterId, brokers: 1 };
  for (const record of running) {
    const server = serversOf(file).find((each) => each.name === record.name);
    if (server === undefined) continue;
    const asked = {
      title: titleOf(record.kind),
      log: record.log,
      whyNotReady: () => whyNotReady(server, expected),
    };
    const death = await waitUntilReady(asked, () => (isRunning(record) ? null : "just now"), signal);
    if (death !== null) throw diedAtStart(asked.title, death, record.log, lastLines(record.log, 12));
  }
}

async function startMissing(
  options: StackOptions,
  book: StateBook,
  running: readonly ServerRecord[],
  signal: AbortSignal,
  tell: Tell,
): Promise<readonly string[]> {
  const names = new Set(running.map((server) => server.name));
  const missing = serversOf(book.file()).filter((server) => !names.has(server.name));
  if (missing.length === 0) return [];
  const programs = await findPrograms({ ...options, hasCluster: book.file().cluster !== null }, signal, tell);
  const launches = missing.map((server) => planLaunch(server, { options, programs, file: book.file() }));
  await launchAll(launches, book, signal, tell);
  return missing.map((server) => server.name);
}

/** All at once; when one fails the others are not waited for, and all of them are ended. */
async function launchAll(
  launches: readonly Launch[],
  book: StateBook,
  signal: AbortSignal,
  tell: Tell,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const outcomes = await Promise.allSettled(
    launches.map(async (launch) => {
      try {
        await launchServer(launch, book.record, either);
        tellReady(launch, book, tell);
      } catch (failure) {
        failed.abort(failure);
        throw failure;
      }
    }),
  );
  if (outcomes.every((outcome) => outcome.status === "fulfilled")) return;
  const names = launches.map((launch) => launch.name);
  const begun = book.file().servers.filter((server) => names.includes(server.name));
  await Promise.all(begun.map(endServer));
  book.forget(names);
  // The first failure; those after it are only the others being called off.
  throw signal.aborted ? signal.reason : failed.signal.reason;
}

function tellReady(launch: Launch, book: StateBook, tell: Tell): void {
  const ms = book.file().servers.find((server) => server.name === launch.name)?.readyAfterMs ?? 0;
  tell({ kind: "notice", text: `${launch.title} is ready after ${formatDuration(ms)}` });
}
