import { KNOWN_NAMES } from "../catalogue.ts";

/** The known variable that a misspelt one was probably meant to be; null when none is close. */
export function nearestName(name: string): string | null {
  const wanted = name.toUpperCase().replaceAll(/[.-]/g, "_");
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 4)) + 1;
  for (const known of KNOWN_NAMES.keys()) {
    const distance = known.startsWith(wanted) || wanted.startsWith(known) ? 1 : editDistance(wanted, known);
    if (distance < bestDistance) [best, bestDistance] = [known, distance];
  }
  return best;
}

/** Whether a name is so close to a known one that it is hardly anything else. */
export function isTypo(name: string): boolean {
  return [...KNOWN_NAMES.keys()].some((known) => name !== known && editDistance(name, known) <= 2);
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          swapped ? at(beforeLast, column - 2) + 1 : Infinity,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
