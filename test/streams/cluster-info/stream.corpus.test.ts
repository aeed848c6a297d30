import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { clusterInfo } from "../../../src/streams/cluster-info/stream.ts";
import { CANARY, corpus, CORPUS_NAMES, type CorpusRecord } from "../../corpus/load.ts";

function fateOf({ key, value, timestamp }: CorpusRecord): string {
  const verdict = clusterInfo.decode({ key, value, timestamp: timestamp ?? -1n });
  return verdict.kind === "rejected" ? verdict.reason : "stored";
}

describe("the corpus of bad input", () => {
  it("has three hundred records and more, each with a name of its own, and no file that is not listed", () => {
    expect(CORPUS_NAMES.length).toBeGreaterThan(300);
    expect(new Set(CORPUS_NAMES).size).toBe(CORPUS_NAMES.length);
    const folder = resolve(import.meta.dirname, "../../corpus");
    const files = ["values", "records"].flatMap((name) => readdirSync(join(folder, name)));
    const unlisted = files.filter((name) => !CORPUS_NAMES.includes(name.replace(/\.(bin|json)$/, "")));
    expect(unlisted).toEqual([]);
  });

  it("is judged as the manifest says, each record within seconds and without a word of what it holds", () => {
    const wrong: string[] = [];
    for (const record of corpus()) {
      const began = performance.now();
      const fate = fateOf(record);
      const ms = performance.now() - began;
      const { name, reason, stage } = record;
      const isAsSaid = reason === null || stage === "write" ? fate === "stored" : reason.test(fate);
      if (!isAsSaid) wrong.push(`${name}: ${fate}`);
      if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{6,400}$/u.test(fate)) wrong.push(`${name}: unfit to be printed`);
      if (fate.includes(CANARY)) wrong.push(`${name}: shows what it holds: ${fate}`);
      if (ms > 3_000) wrong.push(`${name}: ${Math.round(ms)} ms`);
    }
    expect(wrong).toEqual([]);
  });
});
