import { SETTINGS } from "../catalogue.ts";
import { dashed } from "../sources/layers.ts";
import type { Answers, DatabaseAnswers, KafkaAnswers, SecurityLine } from "./answers.ts";
import { quoteForShell } from "./quote.ts";

/**
 * The same setup as one command that asks nothing. No secret stands in it: a password that was typed is read from
 * standard input there.
 */
export function sameSetup(answers: Answers, outDir: string, dataDir: string | null): string {
  const { kubeconfig, context, server, interval } = answers.collector;
  if (answers.mode === "e2e") return sameRun(answers, outDir, dataDir);
  const kafka = answers.mode === "legacy" ? null : answers.kafka;
  const options: Options = [
    ["--mode", answers.mode],
    ...kafkaOptions(kafka),
    ...databaseOptions(answers.database),
    ["--kubeconfig", kubeconfig],
    ["--kube-context", context],
    ["--kube-server", server],
    ["--interval", interval],
    ["--out-dir", outDir === "env" ? null : outDir],
  ];
  const words = [...wordsOf(options), ...securityWords(kafka?.security ?? [])];
  return ["clusterflow setup", ...words, "--yes", ...passwordFlag(answers.database)].join(" ");
}

/** An end-to-end run finds its addresses anew each time, since the local stack may get other ports. */
function sameRun(
  answers: Extract<Answers, { mode: "e2e" | "hybrid-kafka" }>,
  outDir: string,
  dataDir: string | null,
): string {
  const { kubeconfig, context, server } = answers.collector;
  const options: Options = [
    ["--mode", answers.mode],
    ["--cluster", answers.cluster],
    ["--kubeconfig", kubeconfig],
    ["--kube-context", context],
    ["--kube-server", answers.cluster === null ? server : null],
    ["--data-dir", dataDir],
    ["--out-dir", outDir === "env" ? null : outDir],
  ];
  return ["clusterflow setup", ...wordsOf(options), "--yes"].join(" ");
}

type Options = readonly (readonly [flag: string, value: string | null])[];

function kafkaOptions(kafka: KafkaAnswers | null): Options {
  if (kafka === null) return [];
  return [
    ["--brokers", kafka.brokers],
    ["--topic", kafka.topic],
    ["--group", kafka.group],
  ];
}

/** A secret that was given as a text comes from the environment, where it has to be again. */
function securityWords(security: readonly SecurityLine[]): string[] {
  return security.flatMap(({ flag, value }) => {
    if (flag === null) return [];
    return flag === SWITCH ? [dashed(flag)] : [dashed(flag), quoteForShell(value)];
  });
}

const SWITCH = SETTINGS.kafkaInsecure.flag;

function wordsOf(options: Options): string[] {
  return options.flatMap(([flag, value]) => (value === null ? [] : [flag, quoteForShell(value)]));
}

function databaseOptions(database: DatabaseAnswers): Options {
  return [
    ["--db-host", database.host],
    ["--db-port", database.port],
    ["--db-name", database.name],
    ["--db-user", database.user],
    ["--db-password-file", database.password.kind === "file" ? database.password.path : null],
    ["--sslmode", database.sslmode],
  ];
}

function passwordFlag({ password, isDefaultPassword }: DatabaseAnswers): string[] {
  if (password.kind === "none") return ["--no-db-password"];
  return password.kind === "text" && !isDefaultPassword ? ["--db-password-stdin < PASSWORD_FILE"] : [];
}
