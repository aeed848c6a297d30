import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/**
 * scrypt is the best of the hashes that Node has built in: it costs memory as well as time, which is what makes
 * guessing on graphics cards dear. The parameters are one of the equal choices of OWASP's Password Storage Cheat
 * Sheet (N=2^15, r=8, p=3); this one takes 32 MiB for a login, so that a few at once fit into a small container.
 */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Of one hash. A table that somebody changed cannot make a login eat the machine. */
const MAX_MEMORY = 256 * 1024 ** 2;
const MAX_PASSES = 16;

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

interface Stored extends Cost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** `scrypt$N$r$p$salt$hash`: says itself how it was made, so that the cost can rise without making old ones useless. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, COST);
  const { N, r, p } = COST;
  return ["scrypt", N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/**
 * Whether the password is the one that was hashed. `stored` is null for a user that nobody knows: the work is done all
 * the same, so that the time of an answer does not tell who exists. What cannot be read is nobody's password.
 */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const known = stored === null ? null : read(stored);
  const { salt, hash, ...cost } = known ?? NOBODY;
  const derived = await derive(password, salt, hash.length, cost);
  return timingSafeEqual(derived, hash) && known !== null;
}

const NOBODY: Stored = { ...COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };

const FORM = /^scrypt\$(\d{1,8})\$(\d{1,4})\$(\d{1,4})\$([\w-]{11,86})\$([\w-]{43,86})$/;

function read(stored: string): Stored | null {
  const [, N, r, p, salt, hash] = FORM.exec(stored) ?? [];
  if (salt === undefined || hash === undefined) return null;
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  if (!isBearable(cost)) return null;
  return { ...cost, salt: Buffer.from(salt, "base64url"), hash: Buffer.from(hash, "base64url") };
}

function isBearable({ N, r, p }: Cost): boolean {
  const isPowerOfTwo = N > 1 && Number.isInteger(Math.log2(N));
  return isPowerOfTwo && r > 0 && p > 0 && p <= MAX_PASSES && 128 * N * r <= MAX_MEMORY;
}

function derive(password: string, salt: Buffer, bytes: number, { N, r, p }: Cost): Promise<Buffer> {
  // the same characters, however a keyboard composed them
  const text = password.normalize("NFKC");
  return new Promise((resolve, reject) => {
    scrypt(text, salt, bytes, { N, r, p, maxmem: 2 * MAX_MEMORY }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
