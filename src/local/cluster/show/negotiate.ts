import { ok, refused, type Outcome } from "../answer.ts";
import { notAcceptable } from "../status.ts";

/** How objects are to be shown. */
export type Representation = "object" | "table" | "metadata";

/** One entry of an Accept header; parameters in lower case. */
interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** `list` or `one`: metadata alone has a name of its own for each. */
export function representationOf(accept: string | undefined, shape: "list" | "one"): Outcome<Representation> {
  const metadataKind = shape === "list" ? "PartialObjectMetadataList" : "PartialObjectMetadata";
  for (const range of parseAccept(accept)) {
    const as = range.parameters.get("as");
    if (!isJson(range.type)) continue;
    if (as === undefined) return ok("object");
    if (range.parameters.get("g") !== "meta.k8s.io" || range.parameters.get("v") !== "v1") continue;
    if (as === "Table") return ok("table");
    if (as === metadataKind) return ok("metadata");
  }
  return refused(notAcceptable(NONE_OF_OURS, {}));
}

/** Since 1.35 only version v2 of the aggregated form is served; v2beta1 alone is refused. */
export function discoveryFormOf(accept: string | undefined): Outcome<"aggregated" | "legacy"> {
  for (const range of parseAccept(accept)) {
    const as = range.parameters.get("as");
    if (!isJson(range.type)) continue;
    if (as === undefined) return ok("legacy");
    const isOurs = range.parameters.get("g") === "apidiscovery.k8s.io" && range.parameters.get("v") === "v2";
    if (isOurs && as === "APIGroupDiscoveryList") return ok("aggregated");
  }
  return refused(notAcceptable(`only the following media types are accepted: ${PLAIN_TYPES}`));
}

const PLAIN_TYPES = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

/** Word for word from a real server, although YAML and protobuf are not served here. */
const NONE_OF_OURS =
  "406: Not Acceptable\n\nAvailable representations: " +
  `${PLAIN_TYPES}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch`;

/** No header, or an empty one, takes anything. */
function parseAccept(accept = ""): readonly MediaRange[] {
  const text = accept.trim() === "" ? "*/*" : accept;
  return text.split(",").map((entry) => {
    const [type = "", ...parameters] = entry.split(";").map((part) => part.trim());
    const pairs = parameters.map((parameter): [string, string] => {
      const at = parameter.indexOf("=");
      return [parameter.slice(0, at).toLowerCase(), parameter.slice(at + 1)];
    });
    return { type: type.toLowerCase(), parameters: new Map(pairs) };
  });
}

function isJson(type: string): boolean {
  return type === "application/json" || type === "application/*" || type === "*/*";
}
