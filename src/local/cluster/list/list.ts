import type { JsonObject } from "../../../core/json.ts";
import type { KindRef } from "../../../streams/cluster-info/kinds.ts";
import { JSON_TYPE, type Answer } from "../answer.ts";
import type { Collection, Entry } from "../store/collection.ts";
import { encodeToken } from "./continue-token.ts";
import { rangeOf, type ListPosition } from "./list-position.ts";
import type { Representation } from "../show/negotiate.ts";
import { apiVersionOf, partial } from "../show/present.ts";
import type { Selector } from "./selectors.ts";
import type { Store } from "../store/store.ts";
import { columnsOf, rowOf, type IncludeObject } from "../show/table.ts";

export interface ListRequest {
  readonly kind: KindRef;
  readonly collection: Collection;
  readonly namespace: string | null;
  readonly position: ListPosition;
  readonly selector: Selector;
  readonly representation: Representation;
  readonly includeObject: IncludeObject;
}

/** One page, or the whole list when there is no limit; written object by object, so that no list is ever held. */
export function list(request: ListRequest, store: Store): Answer {
  return { status: 200, contentType: JSON_TYPE, body: write(request, store) };
}

function* write(request: ListRequest, store: Store): Generator<string> {
  const reading = store.startReading();
  try {
    yield* pieces(request, store.now);
  } finally {
    // also when the client left in the middle
    reading[Symbol.dispose]();
  }
}

function* pieces(request: ListRequest, now: number): Generator<string> {
  const { metadata, entries } = pageOf(request);
  const head = JSON.stringify({ ...headOf(request), metadata, ...columns(request) }).slice(0, -1);
  yield `${head},"${request.representation === "table" ? "rows" : "items"}":[`;
  let separator = "";
  for (const entry of entries) {
    yield separator + JSON.stringify(present(entry.read(), request, now));
    separator = ",";
  }
  yield "]}\n";
}

function headOf({ kind, representation }: ListRequest): JsonObject {
  if (representation === "object") return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind) };
  return {
    kind: representation === "table" ? "Table" : "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
  };
}

function columns({ kind, representation }: ListRequest): JsonObject {
  return representation === "table" ? { columnDefinitions: columnsOf(kind.resource) } : {};
}

interface Page {
  readonly metadata: JsonObject;
  readonly entries: Iterable<Entry>;
}

/** The page's metadata comes first on the wire, so its last key has to be known before its first object is made. */
function pageOf({ collection, namespace, position, selector }: ListRequest): Page {
  const { range, revision, limit } = position;
  const found = collection.scan(range, revision);
  const resourceVersion = String(revision);
  if (limit === 0) return { metadata: { resourceVersion }, entries: chosen(found, selector) };

  const { entries, last } = take(found, selector, limit);
  // there is a next page when anything is left at all, matching or not: the server has not looked yet
  const isMore = last !== null && found.next().done !== true;
  if (!isMore) return { metadata: { resourceVersion }, entries };
  const next = `${last}\u0000`;
  const token = encodeToken({ revision, start: next.slice(rangeOf(namespace).from.length) });
  const remaining = selector.isEmpty
    ? { remainingItemCount: collection.count({ from: next, to: range.to }, revision) }
    : {};
  return { metadata: { resourceVersion, continue: token, ...remaining }, entries };
}

/** Takes at most `limit` matching objects; `last` is the key to go on behind, null when the end came first. */
function take(
  found: Generator<Entry>,
  selector: Selector,
  limit: number,
): { entries: Entry[]; last: string | null } {
  const entries: Entry[] = [];
  for (let next = found.next(); next.done !== true; next = found.next()) {
    if (isChosen(next.value, selector)) entries.push(next.value);
    if (entries.length === limit) return { entries, last: next.value.key };
  }
  return { entries, last: null };
}

function* chosen(found: Iterable<Entry>, selector: Selector): Generator<Entry> {
  for (const entry of found) if (isChosen(entry, selector)) yield entry;
}

function isChosen(entry: Entry, selector: Selector): boolean {
  return selector.isEmpty || (selector.matchesKey(entry.key) && selector.matches(entry.read()));
}

/** How one object looks inside a list of the asked representation. */
function present(
  document: JsonObject,
  { kind, representation, includeObject }: ListRequest,
  now: number,
): JsonObject {
  switch (representation) {
    case "object":
      return document;
    case "metadata":
      return partial(document);
    case "table":
      return rowOf(document, { kind, includeObject, now });
  }
}
