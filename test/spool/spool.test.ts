import fc from "fast-check";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/core/report.ts";
import { openSpool, type Spool } from "../../src/spool/spool.ts";
import { temporaryFolder } from "../support/cli.ts";

const MIB = 1024 * 1024;
const ALL = { maxEntries: 1e6, maxBytes: 1e9 };

interface Own {
  readonly told?: Report[];
  readonly maxBytes?: number;
  readonly segmentBytes?: number;
  readonly minFreeBytes?: number;
}

function open(dir: string, { told = [], ...own }: Own = {}): Promise<Spool> {
  return openSpool({ dir, maxBytes: 64 * MIB, minFreeBytes: 0, tell: (report) => told.push(report), ...own });
}

const buffers = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text));

async function texts(spool: Spool, limits = ALL): Promise<string[] | null> {
  return (await spool.read(limits))?.entries.map((entry) => entry.toString()) ?? null;
}

async function segments(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name.endsWith(".segment")).sort();
}

describe("a spool", () => {
  it("gives back what was appended, in order, until it is confirmed", async () => {
    await using folder = await temporaryFolder();
    await using spool = await open(join(folder.path, "a", "spool"));
    expect(spool.depth).toEqual({ entries: 0, bytes: 0, oldestAt: null });
    expect(await spool.read(ALL)).toBeNull();
    const before = Date.now();
    await spool.append(buffers(["a", "", "c"]));
    await spool.append([]);
    await spool.append(buffers(["d"]));
    expect(await texts(spool)).toEqual(["a", "", "c", "d"]);
    expect(spool.depth.entries).toBe(4);
    expect(spool.depth.oldestAt).toBeGreaterThanOrEqual(before);
    await spool.confirm(2);
    expect(await texts(spool)).toEqual(["c", "d"]);
    await spool.confirm(4);
    expect(await spool.read(ALL)).toBeNull();
    expect(spool.depth).toEqual({ entries: 0, bytes: 0, oldestAt: null });
    await expect(spool.confirm(5)).rejects.toThrow("behind the end");
  });

  it("reads as much as is asked for, and one entry however long it is", async () => {
    await using folder = await temporaryFolder();
    await using spool = await open(folder.path);
    await spool.append(buffers(["aaaa", "bb", "cc", "d"]));
    expect(await texts(spool, { maxEntries: 2, maxBytes: 100 })).toEqual(["aaaa", "bb"]);
    expect(await texts(spool, { maxEntries: 9, maxBytes: 6 })).toEqual(["aaaa", "bb"]);
    expect(await texts(spool, { maxEntries: 9, maxBytes: 1 })).toEqual(["aaaa"]);
  });

  it("is for its user alone, and opens what it left", async () => {
    await using folder = await temporaryFolder();
    const dir = join(folder.path, "spool");
    {
      await using spool = await open(dir);
      await spool.append(buffers(["a", "b"]));
      await spool.confirm(1);
      expect((await stat(dir)).mode & 0o777).toBe(0o700);
      for (const name of await readdir(dir)) expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
    }
    expect((await readdir(dir)).sort()).toEqual(["00000001.segment", "cursor", "cursor.spare"]);
    await using spool = await open(dir);
    expect(spool.depth).toMatchObject({ entries: 1 });
    expect(await texts(spool)).toEqual(["b"]);
  });

  it("begins segments when they are long enough, and deletes those that are confirmed", async () => {
    await using folder = await temporaryFolder();
    await using spool = await open(folder.path, { segmentBytes: 100 });
    for (let i = 0; i < 10; i += 1) await spool.append(buffers([String(i).repeat(30)]));
    expect(await segments(folder.path)).toHaveLength(5);
    await spool.confirm(5);
    expect(await segments(folder.path)).toEqual(["00000003.segment", "00000004.segment", "00000005.segment"]);
    expect(await texts(spool)).toHaveLength(5);
    await spool.confirm(10);
    expect(await segments(folder.path)).toEqual([]);
    await spool.append(buffers(["next"]));
    expect(await texts(spool)).toEqual(["next"]);
  });

  it("answers those who append at once with few syncs, each in the order of its calls", async () => {
    await using folder = await temporaryFolder();
    await using spool = await open(folder.path);
    await Promise.all(Array.from({ length: 500 }, (_, i) => spool.append(buffers([String(i)]))));
    expect(await texts(spool)).toEqual(Array.from({ length: 500 }, (_, i) => String(i)));
  });

  it("waits when it is closed for what was asked for, and takes no more", async () => {
    await using folder = await temporaryFolder();
    const spool = await open(folder.path);
    const appended = Promise.all([spool.append(buffers(["a"])), spool.append(buffers(["b"]))]);
    await spool.close();
    await appended;
    await expect(spool.append(buffers(["c"]))).rejects.toMatchObject({ retryable: true });
    await using again = await open(folder.path);
    expect(await texts(again)).toEqual(["a", "b"]);
  });

  it("says who has it", async () => {
    await using folder = await temporaryFolder();
    await using spool = await open(folder.path);
    expect(spool.depth.entries).toBe(0);
    await expect(open(folder.path)).rejects.toMatchObject({
      code: "refused",
      message: `The spool ${folder.path} is in use by the process ${process.pid}.`,
    });
  });

  it("says where it cannot be", async () => {
    await using folder = await temporaryFolder();
    const file = await folder.write("file", "");
    await expect(open(file)).rejects.toMatchObject({ code: "usage", vendorCode: "ENOTDIR" });
    await expect(open(join(file, "spool"))).rejects.toMatchObject({ code: "usage", vendorCode: "ENOTDIR" });
    await expect(open("/proc/none/spool")).rejects.toMatchObject({ code: "usage", vendorCode: "ENOENT" });
  });
});

describe("a full spool", () => {
  it("refuses what is above its limit, keeps what it has, and goes on when there is room", async () => {
    await using folder = await temporaryFolder();
    await using spool = await open(folder.path, { maxBytes: 400, segmentBytes: 100 });
    const outcomes: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      await spool.append(buffers([String(i).padEnd(40)])).then(
        () => outcomes.push("kept"),
        (error: unknown) => {
          expect(error).toMatchObject({ code: "refused", vendorCode: "SPOOL_FULL", retryable: true });
          outcomes.push("full");
        },
      );
    }
    const kept = outcomes.indexOf("full");
    expect(kept).toBeGreaterThan(2);
    expect(outcomes.lastIndexOf("kept")).toBe(kept - 1);
    expect(spool.depth.entries).toBe(kept);
    const onDisk = await Promise.all(
      (await segments(folder.path)).map((name) => stat(join(folder.path, name))),
    );
    expect(onDisk.reduce((sum, { size }) => sum + size, 0)).toBe(spool.depth.bytes);
    expect(spool.depth.bytes).toBeLessThanOrEqual(400);
    await spool.confirm(kept);
    await spool.append(buffers(["again"]));
    expect(await texts(spool)).toEqual(["again"]);
    const never = spool.append([Buffer.alloc(500)]);
    await expect(never).rejects.toMatchObject({ vendorCode: "SPOOL_FULL", retryable: false });
  });

  it("refuses what would leave too little of the disk", async () => {
    await using folder = await temporaryFolder();
    await using spool = await open(folder.path, { minFreeBytes: Number.MAX_SAFE_INTEGER });
    await expect(spool.append(buffers(["a"]))).rejects.toMatchObject({
      vendorCode: "SPOOL_FULL",
      retryable: true,
    });
    expect(await segments(folder.path)).toEqual([]);
  });
});

/** What a read gives of these. */
function head(entries: readonly Buffer[], { maxEntries, maxBytes }: typeof ALL): Buffer[] {
  let bytes = 0;
  const tooMany = entries.findIndex((entry, i) => (bytes += entry.length) > maxBytes || i >= maxEntries);
  return entries.slice(0, tooMany === -1 ? entries.length : Math.max(1, tooMany));
}

describe("any sequence of calls", () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("append" as const),
        calls: fc.array(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), { maxLength: 5 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("read" as const),
        maxEntries: fc.integer({ min: 1, max: 8 }),
        maxBytes: fc.integer({ min: 1, max: 200 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("confirm" as const),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
  );

  it("is like an array that loses its head", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 40, max: 400 }),
        async (steps, segmentBytes) => {
          await using folder = await temporaryFolder();
          const all: Buffer[] = [];
          let confirmed = 0;
          let spool = await open(folder.path, { segmentBytes });
          for (const each of steps) {
            if (each.do === "append") {
              const calls = each.calls.map((call) => call.map((bytes) => Buffer.from(bytes)));
              await Promise.all(calls.map((call) => spool.append(call)));
              all.push(...calls.flat());
            } else if (each.do === "confirm") {
              confirmed = Math.max(confirmed, Math.floor(each.share * all.length));
              await spool.confirm(confirmed);
            } else if (each.do === "reopen") {
              await spool.close();
              spool = await open(folder.path, { segmentBytes });
            } else {
              const expected = head(all.slice(confirmed), each);
              const upTo = confirmed + expected.length;
              expect(await spool.read(each)).toEqual(
                expected.length === 0 ? null : { entries: expected, upTo },
              );
            }
            expect(spool.depth.entries).toBe(all.length - confirmed);
            expect(spool.depth.oldestAt === null).toBe(all.length === confirmed);
          }
          expect((await spool.read(ALL))?.entries ?? []).toEqual(all.slice(confirmed));
          await spool.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});
