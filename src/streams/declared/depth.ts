const MOST = 100;
/** Lists in lists, or keys in keys, on one line; and what only so many levels are indented by. */
const ON_ONE_LINE = /^ *(?:[-?:] +){20}/m;
const INDENTED = /^ {200}/m;

/**
 * Whether values lie too deep in each other. The parser calls itself for each level, and Node may end without an
 * exception when the stack is used up inside a regular expression. Counts brackets in texts, too: nobody has so many.
 */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === "[" || bracket === "{" ? depth + 1 : Math.max(0, depth - 1);
    if (depth > MOST) return true;
  }
  return ON_ONE_LINE.test(text) || INDENTED.test(text);
}
