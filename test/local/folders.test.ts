import { existsSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultFolders, makeEphemeralFolder, packageRoot } from "../../src/local/folders.ts";

describe("the folders of a local stack", () => {
  it("are the system's for root, whose own cannot be entered by PostgreSQL's user", () => {
    expect(defaultFolders({ HOME: "/root", XDG_DATA_HOME: "/root/data" }, 0)).toEqual({
      dataDir: "/var/lib/clusterflow",
      cacheDir: "/var/cache/clusterflow",
    });
  });

  it("follow XDG for everybody else, ignoring paths that are not absolute", () => {
    expect(defaultFolders({ HOME: "/home/ann" }, 1000)).toEqual({
      dataDir: "/home/ann/.local/share/clusterflow",
      cacheDir: "/home/ann/.cache/clusterflow",
    });
    const xdg = { HOME: "/home/ann", XDG_DATA_HOME: "/big/data", XDG_CACHE_HOME: "cache" };
    expect(defaultFolders(xdg, 1000)).toEqual({
      dataDir: "/big/data/clusterflow",
      cacheDir: "/home/ann/.cache/clusterflow",
    });
  });

  it("include a temporary one that another user can pass through but not list", async () => {
    const folder = await makeEphemeralFolder();
    expect((await stat(folder)).mode & 0o777).toBe(0o711);
    await rm(folder, { recursive: true });
  });

  it("hold the pom that pins Kafka", () => {
    expect(existsSync(join(packageRoot(), "env", "kafka", "pom.xml"))).toBe(true);
  });
});
