import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import type { SpoolOptions } from "../../src/spool/spool.ts";

const SRC = resolve(import.meta.dirname, "../../src");
const ROOT = resolve(import.meta.dirname, "../..");

/** What `src/spool` is made of, as JavaScript in a folder: a process of its own can run it, and nothing has to be built. */
export async function compileSpool(folder: string): Promise<string> {
  for (const room of ["core", "machine", "pipeline", "spool"]) {
    for (const name of await readdir(join(SRC, room))) {
      if (name.endsWith(".ts")) await compile(join(room, name), folder);
    }
  }
  await writeFile(join(folder, "package.json"), '{"type": "module"}');
  return folder;
}

async function compile(file: string, folder: string): Promise<void> {
  const { outputText } = ts.transpileModule(await readFile(join(SRC, file), "utf8"), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  const path = join(folder, file.replace(/\.ts$/, ".js"));
  await mkdir(dirname(path), { recursive: true });
  // packages are looked up from where the house is
  await writeFile(
    path,
    outputText.replaceAll('from "zod"', `from "${join(ROOT, "node_modules/zod/index.js")}"`),
  );
}

export interface ChildTask {
  /** Where `compileSpool` put it. */
  readonly program: string;
  readonly options: Omit<SpoolOptions, "tell">;
  /** The number of the first entry that it appends, and how many calls of how many entries are in flight. */
  readonly from: number;
  readonly callers: number;
  /** Whether it reads and confirms while it appends. */
  readonly replays: boolean;
  /** Ends by itself after so many calls. */
  readonly calls: number;
  /** The point where it kills itself, when it comes there for the nth time. */
  readonly kill?: { readonly point: string; readonly nth: number };
}

/** A process that appends and says on stdout, one JSON document a line, what was acknowledged, read and confirmed. */
export function startSpoolChild(task: ChildTask, wrapper: readonly string[] = [], threads = 4): ChildProcess {
  const program = [process.execPath, join(import.meta.dirname, "spool-child.mjs"), JSON.stringify(task)];
  const [file, ...words] = [...wrapper, ...program];
  const env = { ...process.env, UV_THREADPOOL_SIZE: String(threads) };
  return spawn(file!, words, { stdio: ["ignore", "pipe", "pipe"], env });
}
