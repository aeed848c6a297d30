import { editDistance } from "../../core/nearest.ts";
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
