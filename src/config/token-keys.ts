import { readFileSync } from "node:fs";
import type { Findings } from "./findings.ts";
import type { TokenKeys } from "./parts.ts";
import { parseFile, parsePrivateFile } from "./readable-file.ts";
import type { Values } from "./sources/resolve.ts";

/** RFC 7518, 3.2. */
const MIN_SECRET_BYTES = 32;
const MAKE_SECRET = "make one, and keep it: export JWT_SECRET=$(openssl rand -hex 32)";

/** What signs the gateway's tokens, and what is believed besides. Null when there is none or it does not fit. */
export function parseTokenKeys(
  values: Values<"ingest">,
  directory: string,
  findings: Findings,
): TokenKeys | null {
  const secret = secretOf(values, "jwtSecret", "JWT_SECRET", findings);
  const former = secretOf(values, "jwtSecretPrevious", "JWT_SECRET_PREVIOUS", findings);
  if ((secret ?? former) !== null && KEY_FILES.some((id) => values.find(id) !== null)) {
    findings.problem("a secret and RSA keys are both given for tokens: keep JWT_SECRET, or the key files");
    return null;
  }
  if (secret !== null) {
    if (former === secret)
      findings.notice("JWT_SECRET_PREVIOUS is the same as JWT_SECRET, so nothing was replaced");
    return {
      algorithm: "HS256",
      secrets: former === null || former === secret ? [secret] : [secret, former],
    };
  }
  if (values.find("jwtPrivateKey") !== null || values.find("jwtPublicKey") !== null)
    return parseKeyFiles(values, directory);
  findings.gap("no key for tokens is given: neither JWT_SECRET nor a key file", MAKE_SECRET);
  return null;
}

const KEY_FILES = ["jwtPrivateKey", "jwtPublicKey", "jwtPublicKeyPrevious"] as const;

function secretOf(
  values: Values<"ingest">,
  id: "jwtSecret" | "jwtSecretPrevious",
  name: string,
  findings: Findings,
): string | null {
  const secret = values.text(id);
  if (secret !== null && Buffer.byteLength(secret) < MIN_SECRET_BYTES)
    findings.problem(`${name} has fewer than ${MIN_SECRET_BYTES} bytes and can be guessed`, MAKE_SECRET);
  return secret;
}

function parseKeyFiles(values: Values<"ingest">, directory: string): TokenKeys | null {
  const privateFile = values.parse("jwtPrivateKey", parsePrivateFile(directory));
  const publicFiles = [
    values.parse("jwtPublicKey", parseFile(directory)),
    values.parse("jwtPublicKeyPrevious", parseFile(directory)),
  ].filter((file) => file !== null);
  if (privateFile === null && publicFiles.length === 0) return null;
  const publicKeys = publicFiles.map((file) => readFileSync(file, "utf8"));
  const privateKey = privateFile === null ? null : readFileSync(privateFile, "utf8");
  return { algorithm: "RS256", privateKey, publicKeys };
}
