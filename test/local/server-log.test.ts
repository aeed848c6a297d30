import { appendFile, stat, truncate, writeFile } from "node:fs/promises";
import { closeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { followLog, lastLines, openLog } from "../../src/local/server-log.ts";
import { temporaryFolder } from "../support/cli.ts";

describe("a server's log", () => {
  it("gives its last lines, oldest first, however long they are", async () => {
    await using folder = await temporaryFolder();
    const lines = Array.from({ length: 40 }, (_, at) => `${at} ${"x".repeat(10_000)}`);
    const path = await folder.write("long.log", `${lines.join("\n")}\n`);
    expect(lastLines(path, 20)).toEqual(lines.slice(-20));
    expect(lastLines(path, 1000)).toEqual(lines);
    expect(lastLines(path, 0)).toEqual([]);
  });

  it("gives nothing from before a start", async () => {
    await using folder = await temporaryFolder();
    const path = await folder.write("a.log", "old\nnew 1\nnew 2\n");
    expect(lastLines(path, 10, 4)).toEqual(["new 1", "new 2"]);
  });

  it("gives a last line that is not ended yet, and none when there is no log", async () => {
    await using folder = await temporaryFolder();
    expect(lastLines(await folder.write("a.log", "one\ntwo"), 5)).toEqual(["one", "two"]);
    expect(lastLines(join(folder.path, "missing.log"), 5)).toEqual([]);
  });

  it("is followed as it grows, and from its beginning when it was put aside", async () => {
    await using folder = await temporaryFolder();
    const path = await folder.write("a.log", "before\n");
    const stop = new AbortController();
    let seen = "";
    const arrived = waiters();
    const followed = followLog(path, 7, (bytes) => arrived.tell((seen += bytes.toString())), stop.signal);
    await appendFile(path, "first\n");
    await arrived.until((text) => text === "first\n");
    await truncate(path, 0);
    await writeFile(path, "anew\n");
    await arrived.until((text) => text === "first\nanew\n");
    stop.abort();
    await followed;
    expect(seen).toBe("first\nanew\n");
  });

  it("is appended to, and put aside once it is long", async () => {
    await using folder = await temporaryFolder();
    const path = await folder.write("a.log", "kept\n");
    closeSync(openLog(path));
    expect((await stat(path)).size).toBe(5);
    await truncate(path, 17 * 1024 * 1024);
    closeSync(openLog(path));
    expect((await stat(path)).size).toBe(0);
    expect((await stat(`${path}.1`)).size).toBe(17 * 1024 * 1024);
  });
});

/** Lets a test wait for what a callback was told. */
function waiters(): { tell(text: string): void; until(isIt: (text: string) => boolean): Promise<void> } {
  let last = "";
  let wake = (): void => undefined;
  return {
    tell(text) {
      last = text;
      wake();
    },
    async until(isIt) {
      while (!isIt(last)) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}
