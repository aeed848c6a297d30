import { hash as digestOf } from "node:crypto";
import { canonicalJson, type Json } from "./json.ts";

const MODULUS = 1n << 256n;

/** SHA-256 of a JSON value's canonical text, as 64 hexadecimal digits. */
export function hashOf(value: Json): string {
  return digestOf("sha256", canonicalJson(value), "hex");
}

/**
 * What one object adds to its kind's digest: SHA-256 of its uid, a NUL and its document's hash, as a number.
 * A digest is the sum of these modulo 2^256, so it does not depend on order and can be kept up while pages
 * stream by. A sum, not an exclusive or: with the latter an object that comes twice would vanish.
 */
export function digestTerm(uid: string, hash: string): bigint {
  return BigInt(`0x${digestOf("sha256", `${uid}\u0000${hash}`, "hex")}`);
}

export function addDigests(left: bigint, right: bigint): bigint {
  return (left + right) % MODULUS;
}

/** A digest as 64 hexadecimal digits, the form messages and reports carry. */
export function formatDigest(digest: bigint): string {
  return digest.toString(16).padStart(64, "0");
}

/** The number behind `formatDigest`; null when the text is not 64 hexadecimal digits. */
export function parseDigest(text: string): bigint | null {
  return /^[0-9a-f]{64}$/.test(text) ? BigInt(`0x${text}`) : null;
}
