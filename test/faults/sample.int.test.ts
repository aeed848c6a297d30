import { inject, it } from "vitest";
import { dice } from "../support/dice.ts";
import type { Fault } from "./fault.ts";
import { POINT_FAULTS } from "./point-faults.ts";
import { prove } from "./prove.ts";
import { SERVER_FAULTS } from "./server-faults.ts";
import { WIRE_FAULTS } from "./wire-faults.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const SIZE = 8;

/** Of each kind one, and of those that are quick some more. */
function sample(seed: number): readonly Fault[] {
  const random = dice(seed);
  const matrix = [...POINT_FAULTS, ...WIRE_FAULTS, ...SERVER_FAULTS].filter(({ isLong }) => isLong !== true);
  const shuffled = matrix
    .map((fault) => ({ fault, at: random() }))
    .toSorted((left, right) => left.at - right.at)
    .map(({ fault }) => fault);
  const kinds = [...new Set(matrix.map(({ kind }) => kind))];
  const firsts = kinds.flatMap((kind) => shuffled.find((fault) => fault.kind === kind) ?? []);
  const others = shuffled.filter((fault) => !firsts.includes(fault) && fault.kind !== "stop");
  return [...firsts, ...others].slice(0, SIZE);
}

it.each(sample(SEED).map((fault) => [`${fault.kind}: ${fault.name}`, fault] as const))(
  `nothing is lost or doubled, whatever happens (SEED=${SEED}): %s`,
  { timeout: 300_000 },
  (_, fault) => prove(fault, { brokers: inject("brokers"), superuser: inject("superuser") }),
);
