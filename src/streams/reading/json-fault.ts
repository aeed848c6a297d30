/**
 * The index at which `text` stops being JSON; `text.length` when it ends too early. Only asked once
 * `JSON.parse` has refused the text: its own messages quote the text, which may hold somebody's secret,
 * and name a position only sometimes. Keeps its own stack, so depth cannot overflow it.
 */
export function faultAt(text: string): number {
  const scan: Scan = { text, at: 0, open: [], wants: "value", fault: null };
  while (scan.fault === null) {
    skipSpace(scan);
    if (scan.at >= text.length) return text.length;
    STEPS[scan.wants](scan, text.charAt(scan.at));
  }
  return scan.fault;
}

type Wants = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma or end";

interface Scan {
  readonly text: string;
  at: number;
  /** The closing brackets that are owed, innermost last. */
  readonly open: ("]" | "}")[];
  wants: Wants;
  fault: number | null;
}

const STEPS: Readonly<Record<Wants, (scan: Scan, character: string) => void>> = {
  value,
  "value or ]": (scan, character) => (character === "]" ? close(scan) : value(scan, character)),
  key,
  "key or }": (scan, character) => (character === "}" ? close(scan) : key(scan, character)),
  colon: (scan, character) => (character === ":" ? advance(scan, "value") : fail(scan)),
  "comma or end": commaOrEnd,
};

function value(scan: Scan, character: string): void {
  if (character === "{") open(scan, "}", "key or }");
  else if (character === "[") open(scan, "]", "value or ]");
  else if (character === '"') string(scan, "comma or end");
  else scalar(scan);
}

function key(scan: Scan, character: string): void {
  if (character === '"') string(scan, "colon");
  else fail(scan);
}

function commaOrEnd(scan: Scan, character: string): void {
  const owed = scan.open.at(-1);
  if (owed !== undefined && character === owed) close(scan);
  else if (owed !== undefined && character === ",") advance(scan, owed === "}" ? "key" : "value");
  else fail(scan);
}

function open(scan: Scan, owed: "]" | "}", wants: Wants): void {
  scan.open.push(owed);
  advance(scan, wants);
}

function close(scan: Scan): void {
  scan.open.pop();
  advance(scan, "comma or end");
}

function advance(scan: Scan, wants: Wants): void {
  scan.at += 1;
  scan.wants = wants;
}

function fail(scan: Scan): void {
  scan.fault = scan.at;
}

function skipSpace(scan: Scan): void {
  while (" \t\n\r".includes(scan.text.charAt(scan.at)) && scan.at < scan.text.length) scan.at += 1;
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Reads up to the closing quote; a text that ends before it leaves `at` at the end. */
function string(scan: Scan, wants: Wants): void {
  for (scan.at += 1; scan.at < scan.text.length; scan.at += 1) {
    const code = scan.text.charCodeAt(scan.at);
    if (code === 0x22) {
      advance(scan, wants);
      return;
    }
    const width = code === 0x5c ? escapeWidth(scan) : 1;
    if (code < 0x20 || width === 0) {
      fail(scan);
      return;
    }
    scan.at += width - 1;
  }
}

/** Characters of the escape that begins here; 0 when it is none. */
function escapeWidth({ text, at }: Scan): number {
  ESCAPE.lastIndex = at;
  return ESCAPE.exec(text)?.[0].length ?? 0;
}

const WORD = /[^\s,:[\]{}"]/;

/** A number, `true`, `false` or `null`: whatever stands up to the next sign of punctuation must be one. */
function scalar(scan: Scan): void {
  let end = scan.at;
  while (end < scan.text.length && WORD.test(scan.text.charAt(end))) end += 1;
  if (isJson(scan.text.slice(scan.at, end))) {
    scan.at = end;
    scan.wants = "comma or end";
  } else fail(scan);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
