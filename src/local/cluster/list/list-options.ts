import { ok, refused, type Outcome } from "../answer.ts";
import { parseSelectors, type Selector } from "./selectors.ts";
import { badRequest, invalidListOptions, type OptionFault } from "../status.ts";

/** The parameters of a list, checked as far as that goes without the cluster. */
export interface ListOptions {
  /** 0 is no limit. */
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly match: "" | "Exact" | "NotOlderThan";
  readonly selector: Selector;
}

export function parseListOptions(query: URLSearchParams): Outcome<ListOptions> {
  const text = (name: string): string => query.get(name) ?? "";
  if (["1", "true"].includes(text("watch")))
    return refused(badRequest("the simulated API server serves no watches"));
  const limit = text("limit") === "" ? "0" : text("limit");
  if (!/^-?\d+$/.test(limit))
    return refused(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(limit)}: invalid syntax`));
  const selectors = parseSelectors(text("fieldSelector"), text("labelSelector"));
  if (selectors.kind === "wrong") return refused(badRequest(selectors.message));

  const match = text("resourceVersionMatch");
  const faults = matchFaults(match, { resourceVersion: text("resourceVersion"), continue: text("continue") });
  if (faults.length > 0 || !isMatch(match)) return refused(invalidListOptions(faults));
  return ok({
    limit: Math.max(0, Number(limit)),
    continue: text("continue"),
    resourceVersion: text("resourceVersion"),
    match,
    selector: selectors.value,
  });
}

function isMatch(match: string): match is ListOptions["match"] {
  return ["", "Exact", "NotOlderThan"].includes(match);
}

/** In the order in which k8s.io/apimachinery's ValidateListOptions finds them. */
function matchFaults(
  match: string,
  given: { readonly resourceVersion: string; readonly continue: string },
): readonly OptionFault[] {
  if (match === "") return [];
  const forbidden = (why: string): OptionFault => ({
    reason: "FieldValueForbidden",
    message: `Forbidden: ${why}`,
  });
  return [
    ...(given.resourceVersion === ""
      ? [forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided")]
      : []),
    ...(given.continue === ""
      ? []
      : [forbidden("resourceVersionMatch is forbidden when continue is provided")]),
    ...(isMatch(match) ? [] : [notSupported(match)]),
    ...(match === "Exact" && given.resourceVersion === "0"
      ? [forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')]
      : []),
  ];
}

function notSupported(match: string): OptionFault {
  const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`;
  return { reason: "FieldValueNotSupported", message };
}
