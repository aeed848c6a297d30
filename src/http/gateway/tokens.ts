import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { errors, jwtVerify, SignJWT, type JWTPayload } from "jose";
import type { TokenKeys } from "../../config/parts.ts";
import { ClusterflowError } from "../../core/errors.ts";
import { Believed } from "./believed.ts";
import { SCOPES, type Scope, type User } from "./ports.ts";

export interface TokenSettings {
  /** They decide the algorithm; what a token says about itself never does. */
  readonly keys: TokenKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeS: number;
}

export interface Tokens {
  /** Null where tokens come from elsewhere. */
  readonly issue: ((user: User) => Promise<string>) | null;
  /** Null for whatever is no valid token; why is not told, to nobody. */
  verify(token: string): Promise<User | null>;
}

/** Clocks of machines that keep time are not further apart. */
const CLOCK_TOLERANCE_S = 5;
/** RFC 7518, 3.2 and 3.3. */
const MIN_SECRET_BYTES = 32;
const MIN_MODULUS_BITS = 2048;

/** Rejects with `usage` when a key is too weak or no key at all. */
export function openTokens(settings: TokenSettings): Tokens {
  const { signing, verifying } = keysOf(settings.keys);
  const believed = new Believed();
  return {
    issue: signing === null ? null : (user) => issue(user, signing, settings),
    async verify(token) {
      const known = believed.find(token);
      if (known !== null) return known;
      const payload = await verify(token, verifying, settings);
      const user = payload === null ? null : userOf(payload);
      if (user === null) return null;
      const until = (Number(payload?.exp) + CLOCK_TOLERANCE_S) * 1_000;
      believed.keep(token, { user, until });
      return user;
    },
  };
}

function issue({ id, name, email, scopes }: User, key: KeyObject, settings: TokenSettings): Promise<string> {
  const { keys, issuer, audience, lifetimeS } = settings;
  return new SignJWT({ name, email, scopes: [...scopes] })
    .setProtectedHeader({ alg: keys.algorithm, typ: "JWT" })
    .setSubject(id)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setNotBefore("0s")
    .setExpirationTime(`${lifetimeS}s`)
    .sign(key);
}

async function verify(
  token: string,
  keys: readonly KeyObject[],
  { keys: { algorithm }, issuer, audience }: TokenSettings,
): Promise<JWTPayload | null> {
  const wanted = { algorithms: [algorithm], issuer, audience, clockTolerance: CLOCK_TOLERANCE_S };
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, { ...wanted, requiredClaims: ["exp", "sub"] });
      return payload;
    } catch (error) {
      // only another signature may be another key's
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) return null;
    }
  }
  return null;
}

function userOf({ sub, name, email, ...claims }: JWTPayload): User | null {
  if (sub === undefined || sub === "") return null;
  return { id: sub, name: textOrNull(name), email: textOrNull(email), scopes: scopesOf(claims) };
}

/** Ours say `scopes`, a list; those of other issuers say `scope`, words with spaces between (RFC 9068). */
function scopesOf({ scopes, scope }: JWTPayload): readonly Scope[] {
  const words: readonly unknown[] = Array.isArray(scopes) ? scopes : (textOrNull(scope) ?? "").split(" ");
  return SCOPES.filter((known) => words.includes(known));
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

interface KeyRing {
  readonly signing: KeyObject | null;
  readonly verifying: readonly KeyObject[];
}

function keysOf(keys: TokenKeys): KeyRing {
  if (keys.algorithm === "HS256") {
    const verifying = keys.secrets.map(secretKey);
    if (verifying.length === 0) throw weak("no secret was given");
    return { signing: verifying[0] ?? null, verifying };
  }
  const signing = keys.privateKey === null ? null : rsaKey(keys.privateKey, createPrivateKey);
  const own = signing === null ? [] : [createPublicKey(signing)];
  const verifying = [...own, ...keys.publicKeys.map((pem) => rsaKey(pem, createPublicKey))];
  if (verifying.length === 0) throw weak("no key was given");
  return { signing, verifying };
}

function secretKey(secret: string): KeyObject {
  const bytes = Buffer.from(secret);
  if (bytes.length < MIN_SECRET_BYTES)
    throw weak(`a secret for HS256 has ${MIN_SECRET_BYTES} bytes or more, this one has ${bytes.length}`);
  return createSecretKey(bytes);
}

function rsaKey(pem: string, read: (pem: string) => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read(pem);
  } catch (error) {
    // the reader's own message may quote the key
    throw weak("a key file does not hold a key in PEM", error);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== "rsa" || bits < MIN_MODULUS_BITS)
    throw weak(`a key for RS256 is an RSA key of ${MIN_MODULUS_BITS} bits or more`);
  return key;
}

function weak(why: string, cause?: unknown): ClusterflowError {
  return new ClusterflowError(`tokens cannot be signed safely: ${why}`, {
    code: "usage",
    hint: "make one: export JWT_SECRET=$(openssl rand -hex 32)",
    cause,
  });
}
