import { ClusterflowError } from "../../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";

/** Reads the fields of an object that a person wrote; throws `usage` with a sentence for the first that is wrong. */
export class Fields {
  readonly #value: JsonObject;
  readonly #what: string;

  /** `known` are all fields that may be there: a misspelt one must not pass for one left out. */
  constructor(value: unknown, what: string, known: readonly string[]) {
    if (!isJsonObject(value)) throw wrong(`${what} is an object with ${known.join(", ")}`);
    const unknown = Object.keys(value).find((name) => !known.includes(name));
    if (unknown !== undefined) throw wrong(`${what} has no field "${unknown}"; it has ${known.join(", ")}`);
    this.#value = value;
    this.#what = what;
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined && this.#value[name] !== null;
  }

  raw(name: string): Json | undefined {
    return this.#value[name];
  }

  text(name: string): string {
    const value = this.#value[name];
    if (typeof value === "string" && value !== "") return value;
    throw wrong(`${this.#what} needs "${name}", a text`);
  }

  optionalText(name: string): string | null {
    return this.has(name) ? this.text(name) : null;
  }

  /** A whole number that is not negative. */
  count(name: string, whenMissing: number | null = null): number {
    const value = this.#value[name] ?? whenMissing;
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
    throw wrong(`${this.#what} needs "${name}", a whole number`);
  }

  /** Texts by name; null when the field is not there. */
  texts(name: string): Readonly<Record<string, string>> | null {
    const value = this.#value[name];
    if (value === undefined) return null;
    if (!isJsonObject(value) || !Object.values(value).every((entry) => typeof entry === "string")) {
      throw wrong(`${this.#what} wants texts by name in "${name}"`);
    }
    return value as Readonly<Record<string, string>>;
  }
}

export function wrong(message: string): ClusterflowError {
  return new ClusterflowError(message, { code: "usage" });
}
