import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assertReachable, postgresUser } from "../../src/local/run-as.ts";
import { temporaryFolder } from "../support/cli.ts";

const nobody = { name: "nobody", uid: 65_534, gid: 65_534 };

describe("whom PostgreSQL runs as", () => {
  it("is nobody for root and oneself for everybody else", async () => {
    const user = await postgresUser(new AbortController().signal);
    if (process.getuid?.() === 0) expect(user).toMatchObject({ name: "nobody" });
    else expect(user).toBeNull();
  });

  it("has to be able to get to its folder", async () => {
    await using folder = await temporaryFolder();
    await chmod(folder.path, 0o711);
    const [closed, data] = [join(folder.path, "closed"), join(folder.path, "closed", "below", "postgres")];
    await mkdir(closed, { mode: 0o700 });
    expect(() => assertReachable(data, nobody)).toThrow(`who may not enter ${closed}, above ${data}.`);
    await chmod(closed, 0o711);
    expect(() => assertReachable(data, nobody)).not.toThrow();
  });
});
