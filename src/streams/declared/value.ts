import { isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type YAMLMap } from "yaml";
import { nearestName } from "../../core/nearest.ts";
import { printable } from "../../core/printable.ts";
import type { Fault } from "./faults.ts";

/** The faults found so far, and where in the text the nodes stand. */
export interface Reading {
  readonly lines: LineCounter;
  readonly faults: Fault[];
}

/** A value of the file with the place where it stands. Whatever does not fit becomes a fault and null. */
export class Value {
  readonly path: string;
  readonly #node: Node | null;
  readonly #offset: number;
  readonly #reading: Reading;

  constructor(node: unknown, path: string, offset: number, reading: Reading) {
    this.#node = (node ?? null) as Node | null;
    this.path = path;
    this.#offset = this.#node?.range?.[0] ?? offset;
    this.#reading = reading;
  }

  get line(): number {
    return this.#reading.lines.linePos(this.#offset).line;
  }

  fault(sentence: string): null {
    return this.#faultAt(this.#offset, this.path, sentence);
  }

  /** A map of known keys; `required` are those that have to be there. */
  fields<const Key extends string>(
    known: readonly Key[],
    required: readonly Key[],
  ): Partial<Record<Key, Value>> | null {
    const entries = this.entries(`a map with ${list(known)}`);
    if (entries === null) return null;
    const found: Partial<Record<Key, Value>> = {};
    for (const { name, value, offset } of entries) {
      const key = known.find((one) => one === name);
      if (key === undefined) this.#faultAt(offset, this.path, unknownKey(name, known));
      else found[key] = value;
    }
    for (const key of required) if (found[key] === undefined) this.fault(`has no ${key}`);
    return found;
  }

  /** A map of any keys. */
  entries(
    wanted: string,
  ): readonly { readonly name: string; readonly value: Value; readonly offset: number }[] | null {
    if (!isMap(this.#node)) return this.#unfit(wanted);
    return (this.#node as YAMLMap<Node, Node | null>).items.map(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : "";
      const offset = key.range?.[0] ?? this.#offset;
      const path = this.path === "" ? name : `${this.path}.${name}`;
      return { name, value: new Value(value, path, offset, this.#reading), offset };
    });
  }

  /** A list with at least one item. */
  items(wanted: string): readonly Value[] | null {
    if (!isSeq(this.#node) || this.#node.items.length === 0) return this.#unfit(wanted);
    return this.#node.items.map(
      (item, index) => new Value(item, `${this.path}[${index}]`, this.#offset, this.#reading),
    );
  }

  get isList(): boolean {
    return isSeq(this.#node);
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  /** The keys of a map; none where there is no map. */
  get keys(): readonly string[] {
    return isMap(this.#node)
      ? this.#node.items.map(({ key }) => (isScalar(key) ? String(key.value) : ""))
      : [];
  }

  /** A text that `fits`; numbers and the like have to be quoted to be one. */
  text(wanted: string, fits: (text: string) => boolean = () => true): string | null {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    return typeof value === "string" && fits(value) ? value : this.#unfit(wanted);
  }

  word<const Word extends string>(words: readonly Word[]): Word | null {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    return words.find((word) => word === value) ?? this.#unfit(`one of ${words.join(", ")}`);
  }

  whole(least: number, most: number): number | null {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    const isFit = typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
    return isFit
      ? value
      : this.#unfit(least === most ? String(least) : `a whole number from ${least} to ${most}`);
  }

  flag(): boolean | null {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    return typeof value === "boolean" ? value : this.#unfit("true or false");
  }

  /** A text, a number or a boolean; a number that JavaScript does not hold exactly as the text that was written. */
  scalar(wanted: string): string | number | boolean | null {
    if (!isScalar(this.#node)) return this.#unfit(wanted);
    const { value, source } = this.#node;
    if (typeof value === "number" && source !== undefined && String(value) !== source) return source;
    const isFit = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return isFit ? value : this.#unfit(wanted);
  }

  #unfit(wanted: string): null {
    return this.fault(`${kindOf(this.#node)}; wanted is ${wanted}`);
  }

  #faultAt(offset: number, path: string, sentence: string): null {
    const { line, col } = this.#reading.lines.linePos(offset);
    this.#reading.faults.push({ line, column: col, path, sentence });
    return null;
  }
}

function unknownKey(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const advice = nearest === null ? `allowed are ${list(known)}` : `did you mean ${nearest}?`;
  return `has no key ${printable(name)}; ${advice}`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

function kindOf(node: Node | null): string {
  if (isMap(node)) return "is a map";
  if (isSeq(node)) return node.items.length === 0 ? "is an empty list" : "is a list";
  if (isAlias(node)) return "is an alias, and files of streams take none";
  return isScalar(node) ? scalarKind(node.value) : "is empty";
}

function scalarKind(value: unknown): string {
  if (value === "") return "is an empty text";
  if (typeof value === "string") return `is ${printable(value)}`;
  return typeof value === "number" || typeof value === "boolean"
    ? `is the ${typeof value} ${value}`
    : "is empty";
}

/** What `read` makes of a value that may be left out. */
export function given<T, F>(value: Value | undefined, fallback: F, read: (value: Value) => T): T | F {
  return value === undefined ? fallback : read(value);
}
