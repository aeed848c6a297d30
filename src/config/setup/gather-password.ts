import { resolve } from "node:path";
import { isLoopback } from "../loopback.ts";
import { readSecretFile } from "../sources/secret-file.ts";
import type { DatabaseAnswers, Password } from "./answers.ts";
import type { Asker } from "./asker.ts";
import type { Gathering } from "./gathering.ts";
import { knownPassword } from "./known-password.ts";
import { givenText, knownText } from "./sources.ts";

type Gathered = Pick<DatabaseAnswers, "password" | "isDefaultPassword">;

/** The password of the development database; known to the whole world, so only ever offered for this machine. */
const DEVELOPMENT = "devpassword";

/** The password, or the file that holds it. What cannot go into an env file is a problem. */
export async function gatherPassword(gathering: Gathering, host: string, user: string): Promise<Gathered> {
  const given = fromFlags(gathering) ?? fromEnvironment(gathering) ?? fromKnown(gathering, host, user);
  const gathered = given ?? (await byAsking(gathering, host));
  const { password } = gathered;
  // eslint-disable-next-line no-control-regex -- a line of an env file cannot hold them
  if (password.kind === "text" && /[\u0000-\u001f\u007f]/.test(password.text)) {
    gathering.findings.problem(
      "the password holds a line break or another control character; use --db-password-file",
    );
  }
  return gathered;
}

function fromFlags({ input, findings }: Gathering): Gathered | null {
  const { flags, passwordFromStdin } = input;
  const file = flags["dbPasswordFile"];
  const ways = [file !== undefined, passwordFromStdin !== null, flags["dbPassword"] === false].filter(
    Boolean,
  );
  if (ways.length > 1)
    findings.problem("give one of --db-password-file, --db-password-stdin and --no-db-password");
  if (typeof file === "string") return given({ kind: "file", path: resolve(input.directory, file) });
  if (passwordFromStdin !== null) return given({ kind: "text", text: passwordFromStdin });
  return flags["dbPassword"] === false ? given({ kind: "none" }) : null;
}

/** A file named in the environment stays where the secret is. */
function fromEnvironment(gathering: Gathering): Gathered | null {
  const found = gathering.given.find("databasePassword");
  if (found?.given?.indirect === true) {
    const path = gathering.input.environment[found.given.name] ?? "";
    return given({ kind: "file", path: resolve(gathering.input.directory, path) });
  }
  const text = givenText(gathering, "databasePassword");
  // the same command needs the same environment, or it would have to hold the secret
  return text === null ? null : given({ kind: "text", text });
}

/** A password in the existing files belongs to their host and their user, and goes to no other. */
function fromKnown(gathering: Gathering, host: string, user: string): Gathered | null {
  const [itsHost, itsUser] = [knownText(gathering, "databaseHost"), knownText(gathering, "databaseUser")];
  const isSame = itsHost === host && (itsUser ?? user) === user;
  if (!gathering.input.takesDefaults || gathering.local.database !== null || !isSame) return null;
  const password = knownPassword(gathering);
  const isDefaultPassword = password.kind === "text" && password.text === offeredFor(gathering, host);
  return { password, isDefaultPassword };
}

function offeredFor({ local }: Gathering, host: string): string | null {
  return isLoopback(host) ? (local.database?.password ?? DEVELOPMENT) : null;
}

async function byAsking(gathering: Gathering, host: string): Promise<Gathered> {
  const { asker, input, local, missing } = gathering;
  const offered = offeredFor(gathering, host);
  const isSettled = input.takesDefaults || (asker !== null && local.database !== null);
  if (isSettled && offered !== null)
    return { password: { kind: "text", text: offered }, isDefaultPassword: true };
  if (asker !== null) return ask(gathering, asker, offered);
  missing.push("--db-password-file or --db-password-stdin");
  return given({ kind: "none" });
}

async function ask(gathering: Gathering, asker: Asker, offered: string | null): Promise<Gathered> {
  const known = knownText(gathering, "databasePassword");
  const choices = WAYS.filter(
    ({ value }) => (value !== "known" || known !== null) && (value !== "default" || offered !== null),
  );
  const way = await asker.choose("Password of that user", choices, choices[0]?.value ?? "type");
  switch (way) {
    case "known":
      return given({ kind: "text", text: known ?? "" });
    case "default":
      return { password: { kind: "text", text: offered ?? "" }, isDefaultPassword: true };
    case "type":
      return given({ kind: "text", text: await asker.secret("Type the password") });
    case "file":
      return given(await askFile(gathering.input.directory, asker));
    case "none":
      return given({ kind: "none" });
  }
}

const WAYS = [
  { value: "known", label: "keep the one in the existing file" },
  { value: "default", label: "the local stack's, known to everybody; for development" },
  { value: "type", label: "type it; it will not show" },
  { value: "file", label: "it lies in a file, which the env file will only name" },
  { value: "none", label: "none; the server asks for none" },
] as const;

async function askFile(directory: string, asker: Asker): Promise<Password> {
  const path = await asker.text("File that holds the password", "", (text) => {
    const reading = readSecretFile(directory, text.trim());
    return "trouble" in reading ? `that ${reading.trouble}` : null;
  });
  return { kind: "file", path: resolve(directory, path.trim()) };
}

function given(password: Password): Gathered {
  return { password, isDefaultPassword: false };
}
