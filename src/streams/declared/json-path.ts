/** A way into a JSON value: names of members and places in lists. */
export type Step = string | number;
export type Take = (root: unknown) => unknown;

export const PATH_WANTED = 'a path such as $.order.lines[0].price or $["a name"]';

const STEP = /\.([\p{L}_][\p{L}\p{N}_-]*)|\[(\d{1,6})\]|\[("(?:[^"\\]|\\.)*")\]|\['([^'\\]*)'\]/uy;

/** `$`, `.name`, `["any name"]` and `[0]`: the part of JSONPath that leads to one value. Null when it is none. */
export function parsePath(text: string): readonly Step[] | null {
  if (!text.startsWith("$")) return null;
  const steps: Step[] = [];
  STEP.lastIndex = 1;
  for (let at = 1; at < text.length; at = STEP.lastIndex) {
    const [, name, place, quoted, single] = STEP.exec(text) ?? [];
    const step = name ?? single ?? (place === undefined ? unquoted(quoted) : Number(place));
    if (step === null) return null;
    steps.push(step);
  }
  return steps;
}

function unquoted(text: string | undefined): string | null {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as string;
  } catch {
    return null;
  }
}

/** The path as a function, made once; undefined where there is nothing. */
export function compilePath(steps: readonly Step[]): Take {
  const [first, second] = steps.map(takeStep);
  if (first === undefined) return (root) => root;
  if (second === undefined) return first;
  const rest = compilePath(steps.slice(2));
  return (root) => rest(second(first(root)));
}

/** Own members only: every object has a `constructor`, and nobody sent it. */
function takeStep(step: Step): Take {
  if (typeof step === "number")
    return (value) => (Array.isArray(value) ? (value[step] as unknown) : undefined);
  return (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, step)
      ? (value as Readonly<Record<string, unknown>>)[step]
      : undefined;
}
