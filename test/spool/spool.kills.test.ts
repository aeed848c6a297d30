import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSpool } from "../../src/spool/spool.ts";
import { temporaryFolder } from "../support/cli.ts";
import { compileSpool, startSpoolChild, type ChildTask } from "../support/spool-child.ts";

const OPTIONS = { maxBytes: 1e9, segmentBytes: 4000 };
const FEW = { maxEntries: 3, maxBytes: 1e6 };
const KILLS = 12;

let program: string;
beforeAll(async () => {
  program = await compileSpool(await mkdtemp(join(tmpdir(), "clusterflow-spool-")));
});
afterAll(() => rm(program, { recursive: true, force: true }));

function works(program: string, words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: "ignore" }).status === 0;
}

function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "clusterflow-mount-"));
  try {
    return works("mount", ["-t", "tmpfs", "-o", "size=40k", "tmpfs", folder]) && works("umount", [folder]);
  } finally {
    rmdirSync(folder);
  }
}

/** One line of a child. */
interface Said {
  readonly acknowledged?: readonly number[];
  readonly refused?: readonly number[];
  readonly vendorCode?: string;
  readonly retryable?: boolean;
  readonly read?: readonly number[];
  readonly upTo?: number;
  readonly confirmed?: number;
  readonly told?: string;
  readonly failed?: string;
  readonly hint?: string;
}

interface Run {
  readonly lines: readonly Said[];
  readonly status: number | null;
  readonly killedBy: string | null;
}

/** Runs a child to its end; it is killed after so many lines, if any are given. */
async function run(
  task: Omit<ChildTask, "program">,
  { killAfter = Infinity, wrapper = [] as readonly string[], threads = 4 } = {},
): Promise<Run> {
  const child = startSpoolChild({ program, ...task }, wrapper, threads);
  const lines: Said[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => {
    lines.push(JSON.parse(line) as Said);
    if (lines.length === killAfter) child.kill("SIGKILL");
  });
  const [status, killedBy] = (await once(child, "close")) as [number | null, string | null];
  return { lines, status, killedBy };
}

/** What is still there, by the numbers that entries begin with. */
async function left(dir: string): Promise<number[]> {
  await using spool = await openSpool({ dir, ...OPTIONS, minFreeBytes: 0, tell: () => undefined });
  const read = await spool.read({ maxEntries: 1e9, maxBytes: 1e9 });
  return (read?.entries ?? []).map((entry) => {
    const [number, filling] = entry.toString().split(":");
    expect(filling).toBe("x".repeat(Number(number) % 400));
    return Number(number);
  });
}

/** Over several lives of one spool: what was acknowledged is left or was read, in order, and never after it was confirmed. */
class Witness {
  readonly acknowledged = new Set<number>();
  readonly #confirmed = new Set<number>();
  #attempted: readonly number[] = [];

  hear(lines: readonly Said[]): void {
    let before = -1;
    for (const line of lines) {
      for (const number of line.acknowledged ?? []) this.acknowledged.add(number);
      for (const number of line.read ?? []) {
        expect(number).toBeGreaterThan(before);
        expect(this.#confirmed.has(number)).toBe(false);
        before = number;
      }
      this.#attempted = line.read ?? this.#attempted;
      if (line.confirmed !== undefined) for (const number of this.#attempted) this.#confirmed.add(number);
    }
  }

  judge(remaining: readonly number[]): void {
    expect(remaining).toEqual([...new Set(remaining)].sort((a, b) => a - b));
    const there = new Set(remaining);
    this.#decide(there);
    for (const number of this.acknowledged)
      expect(there.has(number), `entry ${number}`).toBe(!this.#confirmed.has(number));
  }

  /** A kill between the confirmation and its being told: then all of that reading is gone, or nothing of it. */
  #decide(there: ReadonlySet<number>): void {
    const kept = this.#attempted.filter((number) => there.has(number));
    if (kept.length > 0) expect(kept).toEqual(this.#attempted);
    else for (const number of this.#attempted) this.#confirmed.add(number);
    this.#attempted = [];
  }
}

async function lives(dir: string, how: (life: number) => Promise<Run>, count: number): Promise<Witness> {
  const witness = new Witness();
  for (let life = 0; life < count; life += 1) {
    const { lines, killedBy } = await how(life);
    expect(lines.flatMap((line) => line.failed ?? [])).toEqual([]);
    expect(killedBy).toBe("SIGKILL");
    witness.hear(lines);
    witness.judge(await left(dir));
  }
  expect(witness.acknowledged.size).toBeGreaterThan(0);
  return witness;
}

describe("a process that is killed", () => {
  it.each([false, true])(
    "leaves all that it acknowledged, in order, at any moment (replaying: %s)",
    async (replays) => {
      await using folder = await temporaryFolder();
      const task = { options: { dir: folder.path, ...OPTIONS }, callers: 8, replays, calls: 1e6 };
      await lives(
        folder.path,
        (life) => run({ ...task, from: life * 1e6 }, { killAfter: 2 + Math.floor(Math.random() * 150) }),
        KILLS,
      );
    },
  );

  it.each(["spool-written", "spool-synced", "spool-cursor", "spool-confirmed"])(
    "does so at %s",
    async (point) => {
      await using folder = await temporaryFolder();
      const task = { options: { dir: folder.path, ...OPTIONS }, callers: 3, replays: true, calls: 1e6 };
      await lives(
        folder.path,
        (life) => run({ ...task, from: life * 1e6, kill: { point, nth: 2 + life * 3 } }),
        4,
      );
    },
  );

  it("keeps another one out as long as it lives", async () => {
    await using folder = await temporaryFolder();
    const options = { dir: folder.path, ...OPTIONS };
    const task = { options, from: 0, callers: 1, replays: false, calls: 1 };
    const first = startSpoolChild({ program, ...task, calls: 1e9 });
    await once(first.stdout!, "data");
    const second = await run(task);
    expect(second.status).toBe(1);
    expect(second.lines).toEqual([
      {
        failed: `The spool ${folder.path} is in use by the process ${first.pid}.`,
        hint: `Look at it with: ps -fp ${first.pid}`,
      },
    ]);
    first.kill("SIGKILL");
    await once(first, "exit");
    expect((await run({ ...task, from: 1e9 })).status).toBe(0);
  });
});

/** Takes the last byte of a disk. */
async function fillUp(folder: string): Promise<void> {
  for (let name = 0; ; name += 1) {
    try {
      await writeFile(join(folder, String(name)), Buffer.alloc(4096));
    } catch {
      return;
    }
  }
}

/** All that was acknowledged is left, nothing twice; what was refused may be tried again. */
async function expectNothingLost(dir: string, { lines, status }: Run): Promise<readonly Said[]> {
  const refused = lines.filter((line) => line.refused !== undefined);
  expect(status).toBe(0);
  expect(refused.length).toBeGreaterThan(0);
  for (const line of refused) expect(line.retryable).toBe(true);
  const acknowledged = lines.flatMap((line) => line.acknowledged ?? []);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(await left(dir)).toEqual(acknowledged.sort((a, b) => a - b));
  return refused;
}

describe("a disk that does not take what is written", () => {
  const task = { from: 0, callers: 4, replays: false, calls: 400 };

  it.runIf(canMount())("is full: what does not fit is refused, and nothing of it is left", async () => {
    await using folder = await temporaryFolder();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=40k", "tmpfs", folder.path]);
    try {
      const dir = join(folder.path, "spool");
      // no floor: else it would be refused before it is tried
      const ran = await run({ ...task, options: { ...OPTIONS, dir, minFreeBytes: -1e9 } });
      const refused = await expectNothingLost(dir, ran);
      expect(new Set(refused.map((line) => line.vendorCode))).toContain("ENOSPC");
      await using spool = await openSpool({ dir, ...OPTIONS, minFreeBytes: 0, tell: () => undefined });
      await fillUp(folder.path);
      await expect(spool.append([Buffer.from("1:x")])).rejects.toMatchObject({ retryable: true });
      for (let read = await spool.read(FEW); read !== null; read = await spool.read(FEW))
        await spool.confirm(read.upTo);
      await spool.append([Buffer.from("1:x")]);
    } finally {
      execFileSync("umount", [folder.path]);
    }
  });

  it.runIf(works("prlimit", ["--version"]))(
    "lets files grow only so far: the next segment goes on",
    async () => {
      await using folder = await temporaryFolder();
      const options = { dir: folder.path, ...OPTIONS, segmentBytes: 1e6 };
      const ran = await run({ ...task, options }, { wrapper: ["prlimit", "--fsize=20000"] });
      const refused = await expectNothingLost(folder.path, ran);
      expect(refused.map((line) => line.vendorCode)).toContain("EFBIG");
      expect(ran.lines.findLastIndex((line) => line.acknowledged !== undefined)).toBeGreaterThan(
        ran.lines.findIndex((line) => line.refused !== undefined),
      );
    },
  );

  it.runIf(works("strace", ["-qq", "-o", "/dev/null", "true"]))(
    "fails a sync: that segment is left, and what was refused does not come back",
    async () => {
      await using folder = await temporaryFolder();
      const trace = ["strace", "-f", "-qq", "-o", join(folder.path, "trace"), "-e", "trace=fdatasync,openat"];
      const inject = ["-e", "inject=fdatasync:error=EIO:when=3+4"];
      const dir = join(folder.path, "spool");
      const options = { ...OPTIONS, dir, segmentBytes: 1e6 };
      const ran = await run({ ...task, calls: 40, options }, { wrapper: [...trace, ...inject], threads: 1 });
      const refused = await expectNothingLost(dir, ran);
      expect(refused.map((line) => line.vendorCode)).toContain("EIO");
    },
  );
});
