import { type Group, type IdOf, SETTING_IDS, settingOf, type SettingId } from "../catalogue.ts";
import type { Findings } from "../findings.ts";
import { shown } from "../mask.ts";
import type { Parser } from "../parsers.ts";
import { type Given, type Layer, nameAndPlace } from "./layers.ts";

/** A setting's text and who gave it. */
export interface Found {
  readonly text: string;
  /** Null for a default. */
  readonly given: Given | null;
}

/** The settings of some groups. Asking for a setting of another group does not compile. */
export type Values<G extends Group> = Resolved<IdOf<G>>;

class Resolved<in Id extends SettingId> {
  readonly #found: ReadonlyMap<SettingId, Found>;
  readonly #findings: Findings;

  constructor(found: ReadonlyMap<SettingId, Found>, findings: Findings) {
    this.#found = found;
    this.#findings = findings;
  }

  /** What counts: the highest source's value, or the default; null when there is neither. */
  find(id: Id): Found | null {
    return this.#found.get(id) ?? null;
  }

  text(id: Id): string | null {
    return this.find(id)?.text ?? null;
  }

  /** The value as `parser` reads it; null when there is none, or when it does not fit, which is then a problem. */
  parse<T>(id: Id, parser: Parser<T>): T | null {
    const found = this.find(id);
    if (found === null) return null;
    const parsed = parser(found.text);
    if ("value" in parsed) return parsed.value;
    const place = found.given === null ? id : nameAndPlace(found.given);
    const what = isHidden(found) ? "not fit" : shown(found.text);
    this.#findings.problem(`${place} is ${what}; wanted is ${parsed.wanted}`);
    return null;
  }
}

/** Looks at the settings of `groups` and at nothing else: what belongs to another group is not even decoded. */
export function resolveValues<G extends Group>(
  layers: readonly Layer[],
  groups: readonly G[],
  findings: Findings,
): Values<G> {
  const wanted: readonly Group[] = groups;
  const found = new Map<SettingId, Found>();
  for (const id of SETTING_IDS.filter((candidate) => wanted.includes(settingOf(candidate).group))) {
    const value = highest(id, layers, findings);
    if (value !== null) found.set(id, value);
  }
  return new Resolved<IdOf<G>>(found, findings);
}

function highest(id: SettingId, layers: readonly Layer[], findings: Findings): Found | null {
  let winner: Found | null = null;
  for (const layer of layers) {
    // lower sources are read too: what is wrong in them is told now and not when the higher source goes away;
    // only secrets that nobody needs stay in their files
    const usable = winner === null ? layer : layer.filter((given) => !given.indirect);
    const value = fromLayer(id, usable, findings);
    winner ??= value;
  }
  const { fallback } = settingOf(id);
  return winner ?? (fallback === undefined ? null : { text: fallback, given: null });
}

/** What one source says about a setting; two spellings that say different things are a problem. */
function fromLayer(id: SettingId, layer: Layer, findings: Findings): Found | null {
  const found = layer
    .filter((given) => given.id === id)
    .map((given) => readGiven(given, findings))
    .filter((value) => value !== null);
  const [first] = found;
  for (const other of found.slice(1)) if (first !== undefined) compare(first, other, findings);
  return first ?? null;
}

interface GivenValue extends Found {
  readonly given: Given;
}

function readGiven(given: Given, findings: Findings): GivenValue | null {
  const reading = given.read();
  if ("trouble" in reading) {
    findings.problem(`${nameAndPlace(given)} ${reading.trouble}`);
    return null;
  }
  if (reading.remark !== undefined) findings.notice(`${nameAndPlace(given)} ${reading.remark}`);
  const text = settingOf(given.id).secret === true ? reading.text : reading.text.trim();
  if (text !== "") return { text, given };
  findings.notice(`${nameAndPlace(given)} is empty and counts as not given`);
  return null;
}

function compare(one: GivenValue, other: GivenValue, findings: Findings): void {
  const places = `${nameAndPlace(one.given)} and ${nameAndPlace(other.given)}`;
  if (one.given.indirect !== other.given.indirect) {
    findings.problem(`${places} are both set; keep one of them`);
  } else if (withoutListSpaces(one.text) !== withoutListSpaces(other.text)) {
    const values = isHidden(one) || isHidden(other) ? "" : `: ${shown(one.text)} and ${shown(other.text)}`;
    findings.problem(`${places} disagree${values}; keep one of them`);
  }
}

function withoutListSpaces(text: string): string {
  return text.replaceAll(/\s*,\s*/g, ",");
}

function isHidden({ given }: Found): boolean {
  return given !== null && (given.part !== null || settingOf(given.id).secret === true);
}
