import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { expect, inject, it } from "vitest";
import { kafkaEnvironment, startCli, temporaryFolder } from "../../support/cli.ts";
import { idsInTopic, questionOf } from "../../support/posted-events.ts";
import { testTopicName } from "../../support/servers.ts";

const ISSUER = "https://login.example.com";
const AUDIENCE = "events.example.com";
const NAMES = { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicPem: string;
}

function newPair(): Pair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { privateKey, publicPem: publicKey.export({ type: "spki", format: "pem" }).toString() };
}

const now = (): number => Math.floor(Date.now() / 1000);

/** Undefined leaves one out. */
type Claims = Readonly<Record<string, unknown>>;

/** As another issuer makes them: an access token of RFC 9068. */
function claims(more: Claims = {}): JWTPayload {
  return { sub: "app-7", iss: ISSUER, aud: AUDIENCE, exp: now() + 300, scope: "WRITE", ...more };
}

function sign(key: KeyObject | Uint8Array, more: Claims = {}, alg = "RS256"): Promise<string> {
  return new SignJWT(claims(more)).setProtectedHeader({ alg, typ: "at+jwt" }).sign(key);
}

/** jose refuses to make such a token, and others do not. */
function signedWith(secret: string): string {
  const head = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");
  const body = `${head}.${Buffer.from(JSON.stringify(claims())).toString("base64url")}`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

interface Running extends AsyncDisposable {
  /** Status and text of the answer to an event that is posted with this token. */
  post(token: string, n?: number): Promise<{ readonly status: number; readonly text: string }>;
}

async function start(env: Readonly<Record<string, string>>): Promise<Running> {
  const child = startCli(["ingest"], { env: { PORT: "0", ...env } });
  const ended = once(child, "exit");
  let heard = "";
  child.stderr!.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  const url = (): string | undefined => /taken at (\S+)/.exec(heard)?.[1];
  while (url() === undefined) {
    if (child.exitCode !== null) throw new Error(heard);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    async post(token, n = 1) {
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
      const body = JSON.stringify(questionOf("s", n));
      const answer = await fetch(`${url()!}/api/events`, { method: "POST", body, headers });
      return { status: answer.status, text: await answer.text() };
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

it("believes tokens of another issuer by its public key, and nothing else", async () => {
  await using folder = await temporaryFolder();
  const [theirs, former, another] = [newPair(), newPair(), newPair()];
  const topic = testTopicName("rs256");
  await using gateway = await start({
    ...kafkaEnvironment(inject("brokers"), topic),
    ...NAMES,
    CLUSTERFLOW_SPOOL_DIR: `${folder.path}/spool`,
    JWT_PUBLIC_KEY_LOCATION: await folder.write("public.pem", theirs.publicPem),
    JWT_PUBLIC_KEY_PREVIOUS_LOCATION: await folder.write("former.pem", former.publicPem),
  });
  expect(await gateway.post(await sign(theirs.privateKey), 1)).toMatchObject({ status: 201 });
  expect(await gateway.post(await sign(former.privateKey), 2)).toMatchObject({ status: 201 });
  const reader = await sign(theirs.privateKey, { scope: "READ" });
  expect(await gateway.post(reader, 3)).toMatchObject({ status: 403 });

  const refused: Readonly<Record<string, string>> = {
    "another key": await sign(another.privateKey),
    "the public key as a secret": signedWith(theirs.publicPem),
    "the public key as a secret, trimmed": signedWith(theirs.publicPem.trim()),
    "no algorithm": new UnsecuredJWT(claims()).encode(),
    RS512: await sign(theirs.privateKey, {}, "RS512"),
    PS256: await sign(theirs.privateKey, {}, "PS256"),
    expired: await sign(theirs.privateKey, { exp: now() - 60 }),
    "without an end": await sign(theirs.privateKey, { exp: undefined }),
    "not yet valid": await sign(theirs.privateKey, { nbf: now() + 60 }),
    "another issuer": await sign(theirs.privateKey, { iss: "clusterflow" }),
    "another audience": await sign(theirs.privateKey, { aud: "clusterflow" }),
    "nobody's": await sign(theirs.privateKey, { sub: undefined }),
    rubbish: "a.b.c",
  };
  const answers = new Set<string>();
  for (const [what, token] of Object.entries(refused)) {
    const { status, text } = await gateway.post(token, 4);
    expect([what, status]).toEqual([what, 401]);
    answers.add(text);
  }
  // one text for all: it does not even tell which check failed
  expect([...answers]).toEqual([
    '{"error":{"code":"unauthorized","message":"the token is not valid, or not any more: log in again"}}\n',
  ]);
  const stored = await idsInTopic(inject("brokers"), topic);
  expect([...stored]).toEqual([["s", expect.toSatisfy((ids: string[]) => ids.length === 2)]]);
});

it("believes a former secret after a rotation, until it is taken out", async () => {
  await using folder = await temporaryFolder();
  const [old, present] = ["an old secret of 32 bytes or more, o", "the present secret of 32 bytes, more"];
  const common = {
    ...kafkaEnvironment(inject("brokers"), testTopicName("rotation")),
    ...NAMES,
    CLUSTERFLOW_SPOOL_DIR: `${folder.path}/spool`,
  };
  const token = await sign(Buffer.from(old), {}, "HS256");
  const secret = await folder.write("secret", present);
  const previous = await folder.write("previous", `${old}\n`);
  const files = { JWT_SECRET_FILE: secret, JWT_SECRET_PREVIOUS_FILE: previous };
  {
    await using gateway = await start({ ...common, JWT_SECRET: old });
    expect(await gateway.post(token)).toMatchObject({ status: 201 });
  }
  {
    await using gateway = await start({ ...common, ...files });
    expect(await gateway.post(token)).toMatchObject({ status: 201 });
    expect(await gateway.post(await sign(Buffer.from(present), {}, "HS256"))).toMatchObject({ status: 201 });
  }
  await using gateway = await start({ ...common, JWT_SECRET_FILE: secret });
  expect(await gateway.post(token)).toMatchObject({ status: 401 });
});
