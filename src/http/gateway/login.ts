import { emailOf, PASSWORD_LENGTH } from "../../core/credentials.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import {
  badRequest,
  errorAnswer,
  forbidden,
  notLoggedIn,
  tooMany,
  unavailable,
  type Answer,
} from "./answer.ts";
import { Buckets } from "./buckets.ts";
import { readDocument } from "./event-document.ts";
import type { Asked, Operation } from "./operation.ts";
import { hashPassword, isPassword } from "./passwords.ts";
import type { Users } from "./ports.ts";
import { CREDENTIALS, ERROR, SIGN_UP, TOKEN } from "./schemas.ts";
import type { Limits } from "./settings.ts";
import type { Tokens } from "./tokens.ts";
import { Turns } from "./turns.ts";

export interface LoginParts {
  readonly users: Users;
  readonly tokens: Tokens;
  readonly signup: "closed" | "readers";
  readonly limits: Limits;
}

/** Each takes 32 MiB and one of Node's four threads, which the spool's disk needs too. */
const HASHES_AT_ONCE = 2;
const HASHES_WAITING = 64;

const MAX_NAME = 100;
/** What PostgreSQL takes for no text: a NUL, and half a surrogate pair. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** How people come by a token. */
export function loginOperations({ users, tokens, signup, limits }: LoginParts): readonly Operation[] {
  const doorman: Doorman = {
    users,
    tokens,
    signup,
    addresses: new Buckets(limits.loginRateOfAddress),
    emails: new Buckets(limits.loginRateOfEmail),
    turns: new Turns(HASHES_AT_ONCE, HASHES_WAITING),
  };
  const common = { method: "POST", scope: null } as const;
  const refused = {
    400: { about: "Something is missing.", schema: ERROR },
    403: { about: "Closed.", schema: ERROR },
  };
  const busy = { 429: { about: "Too many tries.", schema: ERROR } };
  return [
    {
      ...common,
      path: "/api/auth/login",
      id: "logIn",
      about: "Gives a token to a user with a password.",
      takes: { schema: CREDENTIALS, isStreamable: false },
      answers: {
        200: { about: "The token; it goes into the Authorization header, behind Bearer.", schema: TOKEN },
        401: { about: "No such user, or another password.", schema: ERROR },
        ...refused,
        ...busy,
      },
      run: (asked) => logIn(asked, doorman),
    },
    {
      ...common,
      path: "/api/auth/signup",
      id: "signUp",
      about: "Makes a user who may read, where that is open.",
      takes: { schema: SIGN_UP, isStreamable: false },
      answers: {
        201: { about: "Made.", schema: null },
        409: { about: "There is such a user.", schema: ERROR },
        ...refused,
        ...busy,
      },
      run: (asked) => signUp(asked, doorman),
    },
  ];
}

interface Doorman {
  readonly users: Users;
  readonly tokens: Tokens;
  readonly signup: "closed" | "readers";
  readonly addresses: Buckets;
  readonly emails: Buckets;
  readonly turns: Turns;
}

async function logIn(asked: Asked, { users, tokens, addresses, emails, turns }: Doorman): Promise<Answer> {
  if (tokens.issue === null) return forbidden("tokens for this gateway are issued elsewhere");
  const body = objectOf(asked.body);
  const email = addressOf(body);
  const password = textOf(body, "password", PASSWORD_LENGTH.max);
  if (email === null) return badRequest("an e-mail address is wanted", "email");
  if (password === null) return badRequest("a password is wanted", "password");
  const waitS = addresses.take(asked.address) || emails.take(email);
  if (waitS > 0) return tooMany("logins", waitS);
  const turn = await turns.run(async () => {
    const user = await users.byEmail(email);
    return (await isPassword(password, user?.passwordHash ?? null)) ? user : null;
  });
  if (turn === null) return unavailable("too many log in at the moment", 2);
  if (turn.result === null) return notLoggedIn("no such user, or another password");
  return { status: 200, body: { token: await tokens.issue(turn.result) } };
}

async function signUp(asked: Asked, { users, signup, addresses, turns }: Doorman): Promise<Answer> {
  if (signup === "closed" || users.add === undefined)
    return forbidden("nobody signs up here: users are made by `clusterflow users add`");
  const waitS = addresses.take(asked.address);
  if (waitS > 0) return tooMany("sign-ups", waitS);
  const wanted = newcomerOf(objectOf(asked.body));
  if ("status" in wanted) return wanted;
  const { name, email, password } = wanted;
  const turn = await turns.run(() => hashPassword(password));
  if (turn === null) return unavailable("too many sign up at the moment", 2);
  const added = await users.add({ name, email, passwordHash: turn.result, scopes: ["READ"] });
  if (added === "taken")
    return errorAnswer(409, { code: "taken", message: "there is such a user", field: "email" });
  return { status: 201, body: undefined };
}

interface Newcomer {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

function newcomerOf(body: JsonObject | null): Newcomer | Answer {
  const email = addressOf(body);
  const name = textOf(body, "name", MAX_NAME);
  const password = textOf(body, "password", PASSWORD_LENGTH.max);
  if (name === null) return badRequest(`a name of 1 to ${MAX_NAME} characters is wanted`, "name");
  if (email === null) return badRequest("an e-mail address is wanted", "email");
  if (password === null || password.length < PASSWORD_LENGTH.min)
    return badRequest(`a password of ${PASSWORD_LENGTH.min} characters or more is wanted`, "password");
  if ((body?.role ?? "reader") !== "reader")
    return forbidden("a sign-up makes a reader: ask for more from whoever runs this gateway");
  return { name, email, password };
}

function objectOf(bytes: Buffer): JsonObject | null {
  const document = readDocument(bytes);
  return document.kind === "document" && isJsonObject(document.value) ? document.value : null;
}

function addressOf(body: JsonObject | null): string | null {
  return emailOf(textOf(body, "email", 254) ?? "");
}

function textOf(body: JsonObject | null, name: string, maxLength: number): string | null {
  const value = body?.[name];
  if (typeof value !== "string" || value === "" || value.length > maxLength) return null;
  return UNSTORABLE.test(value) ? null : value;
}
