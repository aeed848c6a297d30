import { resolve } from "node:path";
import { KNOWN_NAMES } from "../catalogue.ts";
import { Findings } from "../findings.ts";
import { readEnvFile } from "../sources/env-file.ts";
import { decodeValue } from "../sources/env-value.ts";
import type { Password } from "./answers.ts";
import type { Gathering } from "./gathering.ts";
import { knownText } from "./sources.ts";

/** The password in the files to be replaced. One in a file of its own stays there, unread. */
export function knownPassword(gathering: Gathering): Password {
  const path = secretPath(gathering);
  if (path !== null) return { kind: "file", path };
  const text = knownText(gathering, "databasePassword");
  return text === null ? { kind: "none" } : { kind: "text", text };
}

function secretPath({ input }: Gathering): string | null {
  const { directory, existing } = input;
  for (const file of existing.toReversed()) {
    for (const { name, raw } of readEnvFile(directory, file, new Findings()).lines) {
      const known = KNOWN_NAMES.get(name);
      if (known?.id !== "databasePassword") continue;
      const reading = decodeValue(raw);
      if (!("text" in reading) || reading.text === "") continue;
      return known.file ? resolve(directory, reading.text) : null;
    }
  }
  return null;
}
