import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../config/env.ts";
import type { Tell } from "../core/report.ts";
import { accessFailure, diskFull, mavenFailed, mavenMissing } from "./failures.ts";
import { packageRoot } from "./folders.ts";
import { makeFolder } from "./make-folder.ts";
import { isNotFound, runTool } from "./run-tool.ts";
import type { ToolAnswer } from "./run-tool.ts";

export interface KafkaJars {
  readonly folder: string;
  readonly version: string;
}

/** What a pom of env/kafka brings. */
export interface JarSet {
  readonly pom: string;
  /** In the folder's name, before the version. */
  readonly name: string;
  /** Jar without which a download is not whole; its version is Kafka's. */
  readonly proof: string;
  readonly megabytes: number;
}

const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

const BROKER: JarSet = { pom: kafkaPom("pom.xml"), name: "kafka", proof: "kafka_2.13", megabytes: 45 };

/** A pom of env/kafka, by its file's name. */
export function kafkaPom(file: string): string {
  return join(packageRoot(), "env", "kafka", file);
}

export interface JarRequest {
  readonly cacheDir: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** The broker's jars, or another set's, downloaded by Maven when this pom's are not in the cache yet. */
export async function provideKafkaJars(request: JarRequest, tell: Tell, set = BROKER): Promise<KafkaJars> {
  const pom = readFileSync(set.pom, "utf8");
  const version = kafkaVersion(pom);
  // The pom's hash belongs to the name: another log4j with the same Kafka is another set of jars.
  const digest = createHash("sha256").update(pom).digest("hex").slice(0, 8);
  const folder = join(request.cacheDir, `${set.name}-${version}-${digest}`);
  if (!existsSync(folder)) {
    tell({ kind: "notice", text: `Downloading Kafka ${version} with Maven, once (${set.megabytes} MB)` });
    await download(folder, version, set, request);
  }
  return { folder, version };
}

/** The broker's version as the pom pins it. */
export function kafkaVersion(pom: string): string {
  const version = /<kafka\.version>([^<]+)<\/kafka\.version>/.exec(pom)?.[1];
  if (version === undefined) throw new Error("the pom of Kafka's jars has no kafka.version");
  return version;
}

/** Why Maven gave up, from its output: its first error line, without what every such line carries. */
export function mavenReason(answer: ToolAnswer): string {
  if (answer.status === null) return "it did not finish within 15 minutes.";
  const errors = `${answer.stdout}\n${answer.stderr}`.split("\n").filter((line) => line.includes("[ERROR]"));
  // With -B its output has no colours of its own, only a word that every line carries.
  const first = errors[0]?.replace(/^.*\[ERROR\]\s*/, "").trim();
  return first ?? `it ended with status ${answer.status}.`;
}

/** Into a folder of another name first: a half download is never taken for a whole one. */
async function download(folder: string, version: string, set: JarSet, request: JarRequest): Promise<void> {
  const unfinished = `${folder}.${randomBytes(4).toString("hex")}`;
  try {
    makeFolder(unfinished);
  } catch (cause) {
    throw accessFailure(request.cacheDir, cause);
  }
  try {
    const answer = await runMaven(unfinished, version, set, request);
    if (/No space left on device/.test(answer.stdout + answer.stderr)) throw diskFull(unfinished);
    const isWhole = answer.status === 0 && existsSync(join(unfinished, `${set.proof}-${version}.jar`));
    if (!isWhole) throw mavenFailed(version, mavenReason(answer));
    await rename(unfinished, folder).catch((cause: unknown) => {
      if (!existsSync(folder)) throw accessFailure(folder, cause); // otherwise somebody else was faster
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function runMaven(
  into: string,
  version: string,
  { pom }: JarSet,
  request: JarRequest,
): Promise<ToolAnswer> {
  const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${into}`];
  const call = { ...request, cwd: into, timeoutMs: DOWNLOAD_TIMEOUT_MS };
  try {
    return await runTool("mvn", ["-q", "-B", "-f", pom, ...goal], call);
  } catch (thrown) {
    throw isNotFound(thrown) ? mavenMissing(version) : thrown;
  }
}
