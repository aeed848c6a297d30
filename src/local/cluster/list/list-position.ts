import { ok, refused, type Outcome } from "../answer.ts";
import type { KeyRange } from "../store/collection.ts";
import { decodeToken, encodeToken } from "./continue-token.ts";
import type { ListOptions } from "./list-options.ts";
import { badRequest, expired, revisionTooLarge } from "../status.ts";
import type { Store } from "../store/store.ts";

/** Which objects a page may hold, and as of when. */
export interface ListPosition {
  readonly range: KeyRange;
  readonly revision: number;
  /** 0 is no limit. */
  readonly limit: number;
}

/** What holds of the store now, and whether a test wants it to have forgotten everything. */
export interface Times extends Pick<Store, "revision" | "compacted"> {
  readonly isForgetful: boolean;
}

/** The keys of one namespace; of all when it is null. "0" is the character after "/". */
export function rangeOf(namespace: string | null): KeyRange {
  return namespace === null ? { from: "", to: null } : { from: `${namespace}/`, to: `${namespace}0` };
}

/**
 * Turns limit, token and version into a place in the cluster's history. The cases are those of the page "Kubernetes
 * API Concepts", section "Semantics for get and list", and of recordings where that page is silent.
 */
export function positionOf(
  options: ListOptions,
  namespace: string | null,
  times: Times,
): Outcome<ListPosition> {
  const range = rangeOf(namespace);
  const { limit, match, resourceVersion } = options;
  if (options.continue !== "") return continued(options, range, times);
  if (resourceVersion === "") return ok({ range, revision: times.revision, limit });
  if (!/^\d+$/.test(resourceVersion)) {
    const why = `Invalid value: ${JSON.stringify(resourceVersion)}: strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`;
    return refused(badRequest(`invalid resource version: resourceVersion: ${why}`));
  }
  const asked = Number(resourceVersion);
  if (asked > times.revision) return refused(revisionTooLarge(asked, times.revision));
  // version 0 is "whatever you have at hand", and a list from memory knows no pages
  if (asked === 0) return ok({ range, revision: times.revision, limit: 0 });
  // a version together with a limit meant "exactly" before there was a way to say so, and still does
  const isExact = match === "Exact" || (match === "" && limit > 0);
  if (!isExact) return ok({ range, revision: times.revision, limit });
  return isForgotten(asked, times) ? refused(expired(null)) : ok({ range, revision: asked, limit });
}

function continued(options: ListOptions, range: KeyRange, times: Times): Outcome<ListPosition> {
  const token = decodeToken(options.continue);
  if (typeof token === "string") return refused(badRequest(`invalid continue token: ${token}`));
  if (options.resourceVersion !== "" && options.resourceVersion !== "0") {
    return refused(badRequest("specifying resource version is not allowed when using continue"));
  }
  const { revision, start } = token;
  const rest = { from: range.from + start, to: range.to };
  if (revision < 0) return ok({ range: rest, revision: times.revision, limit: options.limit });
  if (revision > times.revision) return refused(revisionTooLarge(revision, times.revision));
  if (isForgotten(revision, times))
    return refused(expired(encodeToken({ revision: -1, start }, "from-etcd")));
  return ok({ range: rest, revision, limit: options.limit });
}

function isForgotten(revision: number, { compacted, isForgetful }: Times): boolean {
  return isForgetful || revision < compacted;
}
