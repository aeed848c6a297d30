import { copyFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ClusterflowError } from "../../src/core/errors.ts";
import type { Report } from "../../src/core/report.ts";
import { recover } from "../../src/spool/recover.ts";
import { openSpool, type Spool } from "../../src/spool/spool.ts";
import { temporaryFolder } from "../support/cli.ts";

const ALL = { maxEntries: 1e6, maxBytes: 1e9 };

function open(dir: string, told: Report[] = []): Promise<Spool> {
  const tell = (report: Report): unknown => told.push(report);
  return openSpool({ dir, maxBytes: 1e9, segmentBytes: 90, minFreeBytes: 0, tell });
}

/** What is read of it; the error when it is refused. */
async function contents(dir: string, told: Report[] = []): Promise<string[] | ClusterflowError> {
  try {
    await using spool = await open(dir, told);
    return (await spool.read(ALL))?.entries.map((entry) => entry.toString()) ?? [];
  } catch (error) {
    if (error instanceof ClusterflowError) return error;
    throw error;
  }
}

/** Calls of one and of two entries, in segments of at most 90 bytes and one call more. */
const CALLS = [["a", "b"], ["c"], ["dd", ""], ["e"], ["f", "ggg"], ["h"]];
const CALLED = CALLS.flat();

async function fill(dir: string, confirmed = 0, calls = CALLS): Promise<string[]> {
  await using spool = await open(dir);
  for (const call of calls) await spool.append(call.map((text) => Buffer.from(text)));
  if (confirmed > 0) await spool.confirm(confirmed);
  return (await readdir(dir)).filter((name) => name.endsWith(".segment")).sort();
}

async function copyAll(from: string, to: string): Promise<string> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to);
  for (const name of await readdir(from)) await copyFile(join(from, name), join(to, name));
  return to;
}

async function change(path: string, edit: (bytes: Buffer) => Buffer | undefined): Promise<void> {
  const bytes = await readFile(path);
  await writeFile(path, edit(bytes) ?? bytes);
}

describe("the end of the last segment, cut at every byte", () => {
  it("keeps each call that is whole, nothing of the others, and takes new ones", async () => {
    await using folder = await temporaryFolder();
    const whole = join(folder.path, "whole");
    const last = (await fill(whole)).at(-1)!;
    const size = (await stat(join(whole, last))).size;
    const outcomes = new Set<number>();
    for (let bytes = 0; bytes < size; bytes += 1) {
      const dir = await copyAll(whole, join(folder.path, "cut"));
      await truncate(join(dir, last), bytes);
      const told: Report[] = [];
      const read = await contents(dir, told);
      const calls = CALLS.findIndex((_, i) => CALLS.slice(0, i).flat().length === (read as string[]).length);
      expect(read).toEqual(CALLS.slice(0, calls).flat());
      expect(told.length).toBeLessThanOrEqual(1);
      outcomes.add(calls);
      {
        await using spool = await open(dir);
        await spool.append([Buffer.from("new")]);
      }
      expect(await contents(dir)).toEqual([...(read as string[]), "new"]);
    }
    expect(Math.max(...outcomes)).toBe(CALLS.length - 1);
    expect(outcomes.size).toBeGreaterThan(1);
  }, 60_000);

  it("is told", async () => {
    await using folder = await temporaryFolder();
    const last = join(folder.path, (await fill(folder.path)).at(-1)!);
    await truncate(last, (await stat(last)).size - 1);
    const told: Report[] = [];
    await contents(folder.path, told);
    expect(told).toMatchObject([
      { kind: "warning", text: expect.stringContaining(`${last}, from byte `) as unknown },
    ]);
  });

  it("may be zeros, where a disk without power made the file longer and wrote nothing", async () => {
    await using folder = await temporaryFolder();
    const last = join(folder.path, (await fill(folder.path)).at(-1)!);
    await change(last, (bytes) => Buffer.concat([bytes, Buffer.alloc(300_000)]));
    expect(await contents(folder.path)).toEqual(CALLED);
    await writeFile(join(folder.path, "00000009.segment"), Buffer.alloc(50));
    expect(await contents(folder.path)).toEqual(CALLED);
  });
});

describe("a damaged spool", () => {
  it("is refused whichever bit is flipped, with the file and what to do", async () => {
    await using folder = await temporaryFolder();
    const whole = join(folder.path, "whole");
    const names = [...(await fill(whole, 1, CALLS.slice(0, 4))), "cursor"];
    expect(names).toHaveLength(3);
    const dir = await copyAll(whole, join(folder.path, "flipped"));
    for (const name of names) {
      const right = await readFile(join(whole, name));
      for (let bit = 0; bit < right.length * 8; bit += 1) {
        const wrong = Buffer.from(right);
        wrong[bit >> 3]! ^= 1 << (bit & 7);
        await writeFile(join(dir, name), wrong);
        const error = await recover(dir, () => undefined).catch((cause: unknown) => cause);
        expect(error, `bit ${bit} of ${name}`).toBeInstanceOf(ClusterflowError);
        expect((error as ClusterflowError).message).toContain(join(dir, name));
        expect((error as ClusterflowError).hint).toMatch(/mv |rm /);
      }
      await writeFile(join(dir, name), right);
    }
    expect(await contents(dir)).toEqual(CALLS.slice(0, 4).flat().slice(1));
  }, 60_000);

  it("is refused or cut when a bit is flipped in an append that was cut short, and is never wrong", async () => {
    await using folder = await temporaryFolder();
    const last = join(folder.path, (await fill(folder.path)).at(-1)!);
    const right = (await readFile(last)).subarray(0, -1);
    for (let bit = 0; bit < right.length * 8; bit += 1) {
      const wrong = Buffer.from(right);
      wrong[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(last, wrong);
      const read = await contents(folder.path);
      if (!(read instanceof ClusterflowError)) expect(read).toEqual(CALLED.slice(0, -1));
    }
  }, 60_000);

  it("names the byte", async () => {
    await using folder = await temporaryFolder();
    const first = join(folder.path, (await fill(folder.path))[0]!);
    await change(first, (bytes) => void (bytes[60]! ^= 1));
    expect(await contents(folder.path)).toMatchObject({
      code: "wrong",
      message: `The spool's file ${first} is damaged at byte 20: what was acknowledged there cannot be read.`,
      hint: `Bring the file back from a copy, or set the folder aside with all that it holds and begin anew: mv ${folder.path} ${folder.path}.damaged`,
    });
  });

  it("is refused when a segment is missing, too short, or not the one that was there", async () => {
    await using folder = await temporaryFolder();
    const whole = join(folder.path, "whole");
    const [first = "", second = "", third = ""] = await fill(whole, 1);
    const dir = join(folder.path, "dir");
    const spoils: Record<string, () => Promise<unknown>> = {
      "the first is missing": () => rm(join(dir, first)),
      "the second is missing": () => rm(join(dir, second)),
      "the second is cut": () => truncate(join(dir, second), 60),
      "the second is cut between two calls": async () => truncate(join(dir, second), 20),
      "the second is the first": () => copyFile(join(dir, first), join(dir, second)),
      "the second is the third": () => copyFile(join(dir, third), join(dir, second)),
    };
    for (const [name, spoil] of Object.entries(spoils)) {
      await copyAll(whole, dir);
      await spoil();
      expect(await contents(dir), name).toMatchObject({ code: "wrong" });
      expect((await readdir(dir)).filter((file) => !file.endsWith(".segment")).sort()).toEqual([
        "cursor",
        "cursor.spare",
      ]);
    }
  });

  it("says where an append in the middle was cut short", async () => {
    await using folder = await temporaryFolder();
    const [first = ""] = await fill(folder.path);
    await truncate(join(folder.path, first), 60);
    expect(await contents(folder.path)).toMatchObject({
      message: expect.stringContaining(`${join(folder.path, first)} is damaged at byte 20`) as unknown,
    });
  });

  it("begins at the oldest entry that is there when the cursor is taken away, as the hint says", async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path, 4);
    const cursor = join(folder.path, "cursor");
    await change(cursor, (bytes) => bytes.subarray(1));
    const error = await contents(folder.path);
    expect(error).toMatchObject({ hint: expect.stringMatching(`: rm ${cursor}$`) as unknown });
    await rm(cursor);
    const read = await contents(folder.path);
    expect(CALLED.join()).toContain((read as string[]).join());
    expect((read as string[]).slice(-4)).toEqual(CALLED.slice(-4));
  });

  it("is not read further than the damage that came while it was open", async () => {
    await using folder = await temporaryFolder();
    await using spool = await open(folder.path);
    await spool.append([Buffer.from("a")]);
    await spool.append([Buffer.from("b")]);
    const path = join(folder.path, "00000001.segment");
    await change(path, (bytes) => void (bytes[bytes.length - 1]! ^= 1));
    await expect(spool.read(ALL)).rejects.toMatchObject({ code: "wrong", retryable: false });
    expect((await spool.read({ maxEntries: 1, maxBytes: 9 }))?.upTo).toBe(1);
  });
});

describe("what a kill leaves behind", () => {
  it("is taken away when it is confirmed, and numbers go on", async () => {
    await using folder = await temporaryFolder();
    const whole = join(folder.path, "whole");
    await fill(whole);
    const dir = await copyAll(whole, join(folder.path, "dir"));
    await fill(join(folder.path, "other"), CALLED.length);
    // killed after the cursor was written and before anything was deleted
    await copyFile(join(folder.path, "other", "cursor"), join(dir, "cursor"));
    await writeFile(join(dir, "cursor.spare"), "half");
    expect(await contents(dir)).toEqual([]);
    expect((await readdir(dir)).sort()).toEqual(["cursor", "cursor.spare"]);
    await using spool = await open(dir);
    await spool.append([Buffer.from("next")]);
    expect((await spool.read(ALL))?.upTo).toBe(CALLED.length + 1);
  });

  it("does not count behind the place where the next segment begins", async () => {
    await using folder = await temporaryFolder();
    const names = await fill(folder.path);
    const frame = (await readFile(join(folder.path, names.at(-1)!))).subarray(20);
    for (const leftover of [frame, frame.subarray(0, 30), Buffer.from("x"), Buffer.alloc(90)]) {
      await change(join(folder.path, names[0]!), (bytes) => Buffer.concat([bytes, leftover]));
      expect(await contents(folder.path)).toEqual(CALLED);
    }
  });
});
