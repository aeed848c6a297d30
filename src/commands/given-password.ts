import { environment } from "../config/env.ts";
import type { Asker } from "../config/setup/asker.ts";
import { readSecretFile } from "../config/sources/secret-file.ts";
import { PASSWORD_LENGTH } from "../core/credentials.ts";
import { ClusterflowError } from "../core/errors.ts";
import { InteractiveTerminal } from "../terminal/interactive.ts";
import { promptsAt } from "../terminal/prompts.ts";
import { remark } from "../terminal/streams.ts";

/** A new password: from the file, asked for twice without echo, or all of stdin. Never from a flag: those show in `ps`. */
export async function givenPassword(file: string | null, output: "text" | "json"): Promise<string> {
  return checked(file === null ? await typedOrPiped(output) : fromFile(file));
}

/** Nobody sees what is typed, so it is typed twice. */
export async function askPassword(asker: Asker): Promise<string> {
  const password = checked(await asker.secret("password of the user"));
  if (password === (await asker.secret("the password once more"))) return password;
  throw new ClusterflowError("the two passwords differ; nothing was written", {
    code: "usage",
    hint: "the same command again",
  });
}

function checked(password: string): string {
  const { min, max } = PASSWORD_LENGTH;
  if (password.length >= min && password.length <= max) return password;
  throw new ClusterflowError(`a password has ${min} to ${max} characters`, {
    code: "usage",
    hint: "make one: openssl rand -base64 18",
  });
}

function fromFile(path: string): string {
  const reading = readSecretFile(process.cwd(), path);
  if ("trouble" in reading)
    throw new ClusterflowError(`--password-file ${reading.trouble}`, {
      code: "usage",
      hint: `ls -l ${path}`,
    });
  if (reading.remark !== undefined) remark(`--password-file ${reading.remark}`);
  return reading.text;
}

async function typedOrPiped(output: "text" | "json"): Promise<string> {
  const { stdin, stderr } = process;
  const facts = { stdin, stderr, environment: environment(), isInputWanted: true, output };
  const terminal = InteractiveTerminal.open(facts);
  if (terminal !== null) return await askPassword(promptsAt(terminal));
  if (stdin.isTTY) throw noPassword();
  let text = "";
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > PASSWORD_LENGTH.max + 2) break;
  }
  if (text === "") throw noPassword();
  return text.replace(/\r?\n$/, "");
}

function noPassword(): ClusterflowError {
  return new ClusterflowError("no password is given", {
    code: "usage",
    hint: "pass --password-file FILE, or the password on stdin",
  });
}
