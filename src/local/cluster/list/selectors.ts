import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { metadataOf } from "../../../streams/cluster-info/identity.ts";

/** A filter over objects: what the key alone can say is asked first, because reading an object costs more. */
export interface Selector {
  readonly isEmpty: boolean;
  matchesKey(key: string): boolean;
  matches(document: JsonObject): boolean;
}

type Parsed<T> =
  { readonly kind: "parsed"; readonly value: T } | { readonly kind: "wrong"; readonly message: string };

/** Reads the two selectors of a list; what is wrong with them is told in the server's words. */
export function parseSelectors(fieldSelector: string, labelSelector: string): Parsed<Selector> {
  const fields = parseTerms(fieldSelector, parseField);
  if (fields.kind === "wrong") return fields;
  const labels = parseTerms(labelSelector, parseLabel);
  if (labels.kind === "wrong") return labels;
  const value: Selector = {
    isEmpty: fields.value.length === 0 && labels.value.length === 0,
    matchesKey: (key) => fields.value.every((test) => test(key)),
    matches: (document) => labels.value.every((test) => test(labelsOf(document))),
  };
  return { kind: "parsed", value };
}

function labelsOf(document: JsonObject): JsonObject {
  const labels = metadataOf(document)["labels"];
  return isJsonObject(labels) ? labels : {};
}

function parseTerms<T>(text: string, parse: (term: string) => Parsed<T>): Parsed<readonly T[]> {
  const value: T[] = [];
  for (const term of text.split(",").filter((part) => part.trim() !== "")) {
    const parsed = parse(term.trim());
    if (parsed.kind === "wrong") return parsed;
    value.push(parsed.value);
  }
  return { kind: "parsed", value };
}

/** Only name and namespace; some kinds know more fields on a real server. */
function parseField(term: string): Parsed<(key: string) => boolean> {
  const [, field = "", operator, value] = /^([^=!]+)(==?|!=)(.*)$/.exec(term) ?? [];
  if (field !== "metadata.name" && field !== "metadata.namespace") {
    return { kind: "wrong", message: `field label not supported: ${field || term}` };
  }
  const read = (key: string): string => {
    const slash = key.indexOf("/");
    return field === "metadata.name" ? key.slice(slash + 1) : key.slice(0, Math.max(0, slash));
  };
  return { kind: "parsed", value: (key) => (read(key) === value) === (operator !== "!=") };
}

/** Equality, inequality, presence and absence; sets (`in`, `notin`) are refused, not ignored. */
function parseLabel(term: string): Parsed<(labels: JsonObject) => boolean> {
  const [, not, label = "", operator, value = ""] =
    /^(!?)([\w./-]+)(?:\s*(==?|!=)\s*([\w.-]*))?$/.exec(term) ?? [];
  if (label === "" || (not === "!" && operator !== undefined)) {
    return { kind: "wrong", message: `unable to parse requirement: found '${term}', expected: identifier` };
  }
  if (operator === undefined) return { kind: "parsed", value: (labels) => label in labels === (not === "") };
  return { kind: "parsed", value: (labels) => (labels[label] === value) === (operator !== "!=") };
}
