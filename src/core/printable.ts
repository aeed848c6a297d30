/** Letters, digits, punctuation, symbols and the plain space: nothing that moves a cursor or reorders a line. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Foreign text, fit to stand in a sentence: what cannot be printed becomes `?`, what is too long is cut. */
export function printable(text: string, characters = 60): string {
  // a character has at most two code units; cutting first keeps a text of megabytes from being walked
  const shown = Array.from(text.slice(0, 2 * characters + 2).replace(UNPRINTABLE, "?"));
  return shown.length > characters ? `${shown.slice(0, characters).join("")}…` : shown.join("");
}
