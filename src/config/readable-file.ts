import { accessSync, constants, statSync } from "node:fs";
import { parsePath, type Parser } from "./parsers.ts";
import { exposureOf } from "./sources/exposure.ts";
import { fileTrouble } from "./sources/file-trouble.ts";

/** The path of a file that is there and can be read, absolute afterwards. */
export function parseFile(directory: string): Parser<string> {
  return (text) => {
    const parsed = parsePath(directory)(text);
    if (!("value" in parsed)) return parsed;
    const trouble = troubleWith(parsed.value);
    return trouble === null ? parsed : { wanted: `the path of a file, and that one ${trouble}` };
  };
}

/** The same for a private key, which nobody else may be able to read. */
export function parsePrivateFile(directory: string): Parser<string> {
  return (text) => {
    const parsed = parseFile(directory)(text);
    if (!("value" in parsed)) return parsed;
    const exposure = exposureOf(parsed.value);
    return exposure === null
      ? parsed
      : { wanted: `a file that nobody else can read, and that one ${exposure}` };
  };
}

function troubleWith(file: string): string | null {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isDirectory() ? "is a directory" : null;
  } catch (error) {
    return fileTrouble(error);
  }
}
