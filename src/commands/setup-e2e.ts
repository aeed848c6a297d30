import type { Answers, LocalAnswers } from "../config/setup/answers.ts";
import type { Asker } from "../config/setup/asker.ts";
import type { PlannedFile } from "../config/setup/plan.ts";
import { ClusterflowError } from "../core/errors.ts";
import { withDataDir } from "../local/data-dir-flag.ts";
import type { Proof, Verdict } from "../pipeline/proof/proof.ts";
import { asTyped } from "../terminal/as-typed.ts";
import { interruption } from "../terminal/interrupt.ts";
import { describeProof } from "../terminal/proof.ts";
import { tellOnStderr } from "../terminal/render.ts";
import { stagesOnStderr } from "../terminal/stages.ts";
import { say } from "../terminal/log.ts";
import { print, printJson } from "../terminal/streams.ts";
import type { SetupDocument, SetupOptions, SetupSurroundings } from "./setup.ts";

/** Whether a server of the local stack takes part: none does when all of them are named. */
export function needsStack(answers: Answers, { brokers, dbHost }: SetupOptions): boolean {
  const isGenerated = answers.mode === "e2e" && answers.cluster !== null;
  return isGenerated || brokers === undefined || dbHost === undefined;
}

/** Starts what does not run of the local stack, with a person's leave if there is one to ask. */
export async function prepareStack(
  answers: Answers,
  running: LocalAnswers | null,
  options: SetupOptions,
  { environment }: SetupSurroundings,
  asker: Asker | null,
): Promise<LocalAnswers> {
  const question =
    "Start a local PostgreSQL, Kafka and cluster where they do not run, and send one snapshot through?";
  if (asker !== null && options.yes !== true && !(await asker.confirm(question, true))) {
    throw new ClusterflowError("not wanted; nothing was started", { code: "refused" });
  }
  const wanted = answers.mode === "e2e" ? answers.cluster : null;
  // a generated cluster that runs is as good as a new one, unless somebody said which
  const cluster = options.cluster === undefined && running?.clusterUrl ? null : wanted;
  const { startLocalStack } = await import("../flows/local-answers.ts");
  const [tell, signal, dataDir] = [tellOnStderr, interruption(), options.dataDir ?? null];
  return startLocalStack({ environment, dataDir, cluster, tell, signal }).catch((error: unknown) => {
    throw withDataDir(error, dataDir);
  });
}

/** Exit status per verdict; `verify` has the same. */
const STATUS: Readonly<Record<Verdict, number>> = { proven: 0, wrong: 4, "in-flight": 8 };

/** One run through the files that were just written. With `-o json` the one document holds the setup and the proof. */
export async function runEndToEnd(
  plan: readonly PlannedFile[],
  document: SetupDocument,
  { environment, directory }: SetupSurroundings,
  output: "text" | "json",
): Promise<void> {
  const [collector, consumer] = plan;
  if (collector === undefined || consumer === undefined)
    throw new TypeError("an end-to-end run has two env files");
  for (const notice of document.notices) say("warn", notice);
  const { runE2e } = await import("../flows/e2e.ts");
  const files = { collectorEnv: collector.absolute, consumerEnv: consumer.absolute, directory };
  const run = { tell: tellOnStderr, signal: interruption(), environment };
  const proof = await runE2e(files, stagesOnStderr(), run);
  tellProof(proof, document, output);
  if (proof.verdict !== "proven") process.exitCode = STATUS[proof.verdict];
}

function tellProof(proof: Proof, document: SetupDocument, output: "text" | "json"): void {
  if (output === "json") {
    printJson({ ok: proof.verdict === "proven", setup: document, proof });
    return;
  }
  print(describeProof(proof));
  print(asTyped(["", "next:", ...document.next.map((line) => `  ${line}`)].join("\n")));
  print(asTyped(`\nthe same again, without questions:\n  ${document.command}`));
}
