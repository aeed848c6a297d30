import { join, relative, resolve } from "node:path";
import { assertNever } from "../../core/never.ts";
import { quoteForShell } from "./quote.ts";
import { renderFile, type SetupFile } from "./files.ts";
import { maskLine, type PlannedFile } from "./plan.ts";
import type { SetupMode } from "./answers.ts";

/** What will lie in each file, or what will change in it; no secrets. */
export function previewOf(plan: readonly PlannedFile[], files: readonly SetupFile[]): string {
  return plan.flatMap((planned, index) => [headOf(planned), ...bodyOf(planned, files[index])]).join("\n");
}

function headOf({ path, change, isEdited }: PlannedFile): string {
  switch (change) {
    case "create":
      return `${path} (new)`;
    case "keep":
      return `${path} (there already, the same)`;
    case "replace":
      return `${path} (there already${isEdited ? ", edited by hand" : ""}; what changes)`;
    case "retire":
      return `${path} (of an earlier setup with Kafka; nothing reads it in mode legacy)`;
    default:
      return assertNever(change);
  }
}

function bodyOf({ change, difference }: PlannedFile, file: SetupFile | undefined): string[] {
  if (change === "replace") return difference.map((line) => `  ${line}`);
  if (change !== "create" || file === undefined) return [];
  const settings = renderFile(file)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return settings.map((line) => `  ${maskLine(line)}`);
}

/** The commands to type next; they name the env files only when these lie elsewhere than usual. */
export function nextCommands(
  mode: SetupMode,
  directory: string,
  { outDir, dataDir }: { readonly outDir: string; readonly dataDir?: string },
): readonly string[] {
  const isUsual = relative(resolve(directory, "env"), resolve(directory, outDir)) === "";
  const from = (name: string): string => (isUsual ? "" : ` -f ${quoteForShell(join(outDir, name))}`);
  const collector = from(".env.hybrid");
  if (mode === "e2e") {
    const stack = dataDir === undefined ? "" : ` --data-dir ${quoteForShell(dataDir)}`;
    return [`clusterflow local status${stack}`, `clusterflow local stop${stack}`]; // its servers go on
  }
  if (mode === "legacy") return [`clusterflow collect${collector}`, `clusterflow verify${collector}`];
  const consumer = from(".env.hybrid-consumer");
  return [
    `clusterflow collect${collector}`,
    `clusterflow consume --until-end${consumer}`,
    `clusterflow verify${consumer}`,
  ];
}
