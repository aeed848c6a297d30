import { join } from "node:path";
import type { Environment } from "../config/env.ts";
import { javaMissing, javaTooOld } from "./failures.ts";
import { isNotFound, runTool } from "./run-tool.ts";

/** Kafka 4 brokers need Java 17 (KIP-1013). */
const OLDEST = 17;

export interface Java {
  readonly file: string;
  /** As it calls itself: `17.0.15`, `1.8.0_392`. */
  readonly version: string;
}

/** A Java that can run the broker: JAVA_HOME's when it is set and new enough, otherwise PATH's. */
export async function findJava(environment: Environment, signal: AbortSignal): Promise<Java> {
  const home = environment["JAVA_HOME"];
  const files = home === undefined || home === "" ? ["java"] : [join(home, "bin", "java"), "java"];
  let tooOld: Java | null = null;
  for (const file of files) {
    const version = await versionOf(file, environment, signal);
    if (version === null) continue;
    if (majorOf(version) >= OLDEST) return { file, version };
    tooOld ??= { file, version };
  }
  throw tooOld === null ? javaMissing() : javaTooOld(tooOld.file, tooOld.version);
}

/** The version in what `java -version` prints, whoever made it; null when there is none. */
export function parseJavaVersion(output: string): string | null {
  return /version "([^"]+)"/.exec(output)?.[1] ?? null;
}

/** The number people mean: 17 of `17.0.15`, 21 of `21-ea`, 8 of `1.8.0_392`. */
export function majorOf(version: string): number {
  return Number(/^(?:1\.)?(\d+)/.exec(version)?.[1] ?? 0);
}

async function versionOf(
  file: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const call = { cwd: "/", environment, signal, timeoutMs: 30_000 };
    const { stdout, stderr } = await runTool(file, ["-version"], call);
    return parseJavaVersion(stderr + stdout);
  } catch (thrown) {
    if (isNotFound(thrown)) return null;
    throw thrown;
  }
}
