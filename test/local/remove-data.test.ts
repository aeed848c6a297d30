import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { removeData } from "../../src/local/remove-data.ts";
import { temporaryFolder } from "../support/cli.ts";

async function fill(folder: Awaited<ReturnType<typeof temporaryFolder>>): Promise<void> {
  for (const name of ["postgres/base", "kafka-1/t-0", "kafka-2", "kafka-1.tmp", "logs"]) {
    await mkdir(join(folder.path, name), { recursive: true });
  }
  for (const name of ["state.json", "lock", "kafka-1.properties", "kafka-log4j2.yaml", "logs/kafka.log"]) {
    await folder.write(name, "x");
  }
}

describe("deleting a stack's data", () => {
  it("leaves nothing, not even the folder", async () => {
    await using folder = await temporaryFolder();
    await fill(folder);
    await removeData(folder.path);
    expect(existsSync(folder.path)).toBe(false);
  });

  it("leaves alone what it did not put there", async () => {
    await using folder = await temporaryFolder();
    await fill(folder);
    await mkdir(join(folder.path, "photos"));
    await folder.write("kafka-notes.txt", "mine");
    await removeData(folder.path);
    expect((await readdir(folder.path)).sort()).toEqual(["kafka-notes.txt", "photos"]);
  });
});
