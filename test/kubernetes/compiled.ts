import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { type TemporaryDirectory, temporaryDirectory } from "./temporary.ts";

const ROOT = join(import.meta.dirname, "../..");
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  rewriteRelativeImportExtensions: true,
};

/** Some rooms of the source as plain JavaScript, for a process of their own. */
export function compiled(rooms: readonly string[]): TemporaryDirectory {
  const directory = temporaryDirectory();
  symlinkSync(join(ROOT, "node_modules"), join(directory.path, "node_modules"));
  directory.write("package.json", '{"type":"module"}');
  for (const room of rooms) {
    for (const file of readdirSync(join(ROOT, "src", room), { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const source = readFileSync(join(ROOT, "src", room, file), "utf8");
      const target = join(directory.path, room, file.replace(/\.ts$/, ".js"));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(
        target,
        ts.transpileModule(source, { compilerOptions: OPTIONS, fileName: file }).outputText,
      );
    }
  }
  return directory;
}
