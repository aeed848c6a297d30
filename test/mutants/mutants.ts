import { GROUP_MUTANTS } from "./group-mutants.ts";
import { INGEST_MUTANTS } from "./ingest-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { WRITE_MUTANTS } from "./write-mutants.ts";

export const MUTANTS: readonly Mutant[] = [...WRITE_MUTANTS, ...GROUP_MUTANTS, ...INGEST_MUTANTS];
