import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { mutate, type Mutant } from "./mutant.ts";
import { run } from "./run.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** Made anew, shared, or of no use to a test. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", ".clusterflow", "coverage", "dist", "node_modules"]);
const BUILD_LIMIT_MS = 180_000;

/** The tree in a temporary folder, as it stands and built: mutants live in there and nowhere else. */
export class Copy implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Copy> {
    const copy = new Copy(await mkdtemp(join(await realpath(tmpdir()), "clusterflow-mutants-")));
    await cp(ROOT, copy.folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    await symlink(join(ROOT, "node_modules"), join(copy.folder, "node_modules"));
    await copy.#build();
    return copy;
  }

  /** Makes the change and builds, does the work, and takes the change back. Throws when the change does not compile. */
  async with<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const path = join(this.folder, mutant.file);
    const text = await readFile(path, "utf8");
    await writeFile(path, mutate(mutant, text));
    try {
      await this.#build();
      return await work();
    } finally {
      await writeFile(path, text);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What is not used any more is no reason to refuse a mutant; TypeScript builds only what changed. */
  async #build(): Promise<void> {
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    const info = join(this.folder, "dist/.tsbuildinfo");
    const { status, output } = await run(
      [compiler, "-p", "tsconfig.build.json", "--incremental", "--tsBuildInfoFile", info],
      { folder: this.folder, limitMs: BUILD_LIMIT_MS },
    );
    if (status !== 0) throw new Error(`it does not compile:\n${output}`);
    const migrations = "postgres/migrations";
    await cp(join(this.folder, "src", migrations), join(this.folder, "dist", migrations), {
      recursive: true,
    });
  }
}
