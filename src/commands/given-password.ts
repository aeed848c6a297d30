import { environment } from "../config/env.ts";
import { readSecretFile } from "../config/sources/secret-file.ts";
import { ClusterflowError } from "../core/errors.ts";
import { InteractiveTerminal } from "../terminal/interactive.ts";
import { promptsAt } from "../terminal/prompts.ts";
import { remark } from "../terminal/streams.ts";

const MIN_CHARACTERS = 8;
const MAX_CHARACTERS = 1_024;

/** A new password: from the file, asked for without echo, or all of stdin. Never from a flag: those show in `ps`. */
export async function givenPassword(file: string | null, output: "text" | "json"): Promise<string> {
  const password = file === null ? await typedOrPiped(output) : fromFile(file);
  if (password.length >= MIN_CHARACTERS && password.length <= MAX_CHARACTERS) return password;
  throw new ClusterflowError(`a password has ${MIN_CHARACTERS} to ${MAX_CHARACTERS} characters`, {
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
  if (terminal !== null) return await promptsAt(terminal).secret("password of the user");
  if (stdin.isTTY) throw noPassword();
  let text = "";
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > MAX_CHARACTERS + 2) break;
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
