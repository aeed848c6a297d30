import { createHmac, generateKeyPairSync, type KeyPairKeyObjectResult } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import type { User } from "../../../src/http/gateway/ports.ts";
import { openTokens, type TokenSettings } from "../../../src/http/gateway/tokens.ts";

const SECRET = "a secret of the tests, and long enough for HS256";
const OLD_SECRET = "another secret, which is on its way out of the ring";
const USER: User = { id: "7", name: "Zoë", email: "zoe@example.com", scopes: ["READ"] };
const NAMES = { issuer: "us", audience: "them", lifetimeS: 60 };
const HS256: TokenSettings = { keys: { algorithm: "HS256", secrets: [SECRET] }, ...NAMES };

interface Pair {
  readonly publicKey: string;
  readonly privateKey: string;
}

function pairOf({ publicKey, privateKey }: KeyPairKeyObjectResult): Pair {
  return {
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const pair = pairOf(generateKeyPairSync("rsa", { modulusLength: 2048 }));

function rs256(privateKey: string | null, ...publicKeys: string[]): TokenSettings {
  return { keys: { algorithm: "RS256", privateKey, publicKeys }, ...NAMES };
}

function sign(claims: Readonly<Record<string, unknown>>, secret = SECRET, alg = "HS256"): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const whole = { sub: "7", iss: "us", aud: "them", exp: now + 60, scopes: ["WRITE"], ...claims };
  return new SignJWT(whole).setProtectedHeader({ alg }).sign(Buffer.from(secret));
}

function text(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

describe("a token", () => {
  it("says who it speaks for and what is allowed, signed either way", async () => {
    for (const settings of [HS256, rs256(pair.privateKey)]) {
      const tokens = openTokens(settings);
      expect(await tokens.verify(await tokens.issue!(USER))).toEqual(USER);
    }
  });

  it("is verified where nobody can sign, by the public key alone", async () => {
    const token = await openTokens(rs256(pair.privateKey)).issue!(USER);
    const elsewhere = openTokens(rs256(null, pair.publicKey));
    expect(elsewhere.issue).toBeNull();
    expect(await elsewhere.verify(token)).toEqual(USER);
  });

  it("may say its scopes as other issuers do; words that are none allow nothing", async () => {
    const tokens = openTokens(HS256);
    const scopes = async (claims: Readonly<Record<string, unknown>>): Promise<unknown> =>
      (await tokens.verify(await sign(claims)))?.scopes;
    expect(await scopes({ scopes: undefined, scope: "openid READ WRITE" })).toEqual(["WRITE", "READ"]);
    expect(await scopes({ scopes: "WRITE" })).toEqual([]);
    expect(await scopes({ scopes: ["write", "ADMIN", 1] })).toEqual([]);
    expect(await scopes({ scopes: { WRITE: true } })).toEqual([]);
  });

  it("is believed by an old secret while that is in the ring", async () => {
    const token = await openTokens({ ...HS256, keys: { algorithm: "HS256", secrets: [OLD_SECRET] } }).issue!(
      USER,
    );
    const both: TokenSettings = { ...HS256, keys: { algorithm: "HS256", secrets: [SECRET, OLD_SECRET] } };
    expect(await openTokens(both).verify(token)).toEqual(USER);
    expect(await openTokens(HS256).verify(token)).toBeNull();
    expect(await openTokens(HS256).verify(await openTokens(both).issue!(USER))).toEqual(USER);
  });

  it("is refused when it is expired, early, another's, tampered with, or says its own algorithm", async () => {
    const now = Math.floor(Date.now() / 1000);
    const good = await sign({});
    const [head, body, signature] = good.split(".") as [string, string, string];
    const admin = text({ ...(JSON.parse(Buffer.from(body, "base64url").toString()) as object), sub: "1" });
    const none = `${text({ alg: "none", typ: "JWT" })}.${body}.`;
    const refused: Record<string, string> = {
      expired: await sign({ exp: now - 10 }),
      "without an end": await sign({ exp: undefined }),
      "not yet": await sign({ nbf: now + 60 }),
      "another issuer": await sign({ iss: "somebody" }),
      "no issuer": await sign({ iss: undefined }),
      "another audience": await sign({ aud: "others" }),
      "no audience": await sign({ aud: undefined }),
      "nobody's": await sign({ sub: undefined }),
      "an empty subject": await sign({ sub: "" }),
      "another secret": await sign({}, OLD_SECRET),
      HS512: await sign({}, `${SECRET}${SECRET}`, "HS512"),
      "HS512 by our secret": await sign({}, SECRET, "HS512").catch(() => "x.y.z"),
      tampered: [head, admin, signature].join("."),
      "without a signature": [head, body, ""].join("."),
      none,
      "none, signed": `${none}${signature}`,
      rubbish: "a.b.c",
      empty: "",
    };
    const tokens = openTokens(HS256);
    expect(await tokens.verify(good)).toMatchObject({ id: "7" });
    for (const [what, token] of Object.entries(refused)) expect(await tokens.verify(token), what).toBeNull();
  });

  it("is refused when it takes our public key for a secret", async () => {
    const forged = `${text({ alg: "HS256", typ: "JWT" })}.${text({
      sub: "1",
      iss: "us",
      aud: "them",
      exp: Math.floor(Date.now() / 1000) + 60,
      scopes: ["WRITE"],
    })}`;
    const tokens = openTokens(rs256(pair.privateKey));
    for (const secret of [pair.publicKey, pair.publicKey.trim()]) {
      const signature = createHmac("sha256", secret).update(forged).digest("base64url");
      expect(await tokens.verify(`${forged}.${signature}`)).toBeNull();
    }
    expect(await tokens.verify(await sign({}))).toBeNull();
  });

  it("tolerates clocks that are a few seconds apart", async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await openTokens(HS256).verify(await sign({ nbf: now + 3, exp: now + 60 }))).not.toBeNull();
    expect(await openTokens(HS256).verify(await sign({ exp: now - 2 }))).not.toBeNull();
  });
});

describe("keys", () => {
  it("are refused when they are weak or no keys, and are never quoted", () => {
    const short = pairOf(generateKeyPairSync("rsa", { modulusLength: 1024 }));
    const curve = pairOf(generateKeyPairSync("ec", { namedCurve: "P-256" }));
    const bad: TokenSettings[] = [
      { ...HS256, keys: { algorithm: "HS256", secrets: [] } },
      { ...HS256, keys: { algorithm: "HS256", secrets: ["hunter2"] } },
      rs256(null),
      rs256("hunter2"),
      rs256(null, "hunter2"),
      rs256(short.privateKey),
      rs256(curve.privateKey),
    ];
    for (const settings of bad) {
      const open = (): unknown => openTokens(settings);
      expect(open).toThrow(
        expect.objectContaining({ code: "usage", hint: expect.anything() as string }) as Error,
      );
      expect(open).not.toThrow("hunter2");
    }
  });
});
