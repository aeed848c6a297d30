import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One exchange with a real kube-apiserver 1.35.4. */
export interface Recording {
  readonly method: string;
  readonly path: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The decoded body, its text when it is no JSON. */
  readonly body: unknown;
}

const FOLDERS = ["api-server", "kubernetes"].map((name) =>
  join(import.meta.dirname, "../../recordings", name),
);

/** Reads a recording by its name without the ending. Lines that begin with `#` are remarks of whoever recorded. */
export function readRecording(name: string): Recording {
  const file = FOLDERS.map((folder) => join(folder, `${name}.http`)).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`there is no recording ${name}`);
  const [request = "", response = "", ...rest] = readFileSync(file, "utf8").split(/\r?\n\r?\n/);
  const [requestLine = "", ...requestLines] = request.split(/\r?\n/);
  const [statusLine = "", ...responseLines] = response.split(/\r?\n/);
  const [method = "", path = ""] = requestLine.split(" ");
  const text = rest.join("\n\n").replace(/^#.*\n/, "");
  return {
    method,
    path,
    requestHeaders: headersIn(requestLines),
    status: Number(statusLine.split(" ")[1]),
    headers: headersIn(responseLines),
    body: decode(text),
  };
}

function headersIn(lines: readonly string[]): Record<string, string> {
  const headers = lines
    .filter((line) => line.includes(": ") && !line.startsWith("#"))
    .map((line) => {
      const at = line.indexOf(": ");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 2)] as const;
    });
  return Object.fromEntries(headers);
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
