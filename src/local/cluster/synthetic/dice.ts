/**
 * Repeatable chance: every answer is a function of the seed and of what is asked for, never of the order of
 * asking. That is what lets an object be made again, byte for byte, each time somebody reads it.
 */
export class Dice {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** 32 even bits. */
  bits(what: string, salt = 0): number {
    return hash(what, this.#seed ^ Math.imul(salt, 0x9e3779b1));
  }

  /** A fraction in [0, 1). */
  fraction(what: string): number {
    return this.bits(what) / 2 ** 32;
  }

  /** A whole number in [0, end). */
  below(end: number, what: string): number {
    return Math.floor(this.fraction(what) * end);
  }

  /** One member of a list that is not empty. */
  one<T>(list: readonly [T, ...T[]], what: string): T {
    return list[this.below(list.length, what)] ?? list[0];
  }

  /** A version 4 UUID, as the API server gives to every object. */
  uuid(what: string): string {
    const hex = [1, 2, 3, 4].map((salt) => this.bits(what, salt).toString(16).padStart(8, "0")).join("");
    const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) % 4] ?? "8";
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      variant + hex.slice(17, 20),
      hex.slice(20),
    ].join("-");
  }

  /** Letters and digits from Kubernetes' own alphabet for generated names, which spells no words. */
  suffix(length: number, what: string): string {
    return Array.from(
      { length },
      (_, at) => ALPHABET[this.bits(what, at + 11) % ALPHABET.length] ?? "x",
    ).join("");
  }

  /** Hexadecimal digits. */
  hex(length: number, what: string): string {
    const words = Array.from({ length: Math.ceil(length / 8) }, (_, at) => this.bits(what, at + 31));
    return words
      .map((word) => word.toString(16).padStart(8, "0"))
      .join("")
      .slice(0, length);
  }
}

/** k8s.io/apimachinery/pkg/util/rand: no vowels, and none of 0, 1, 3. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** FNV-1a over the characters, then MurmurHash3's last mixing, without which near texts give near numbers. */
function hash(text: string, seed: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at += 1) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
