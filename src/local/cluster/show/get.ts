import type { JsonObject } from "../../../core/json.ts";
import { metadataOf } from "../../../streams/cluster-info/identity.ts";
import type { KindRef } from "../../../streams/cluster-info/kinds.ts";
import { jsonAnswer, type Answer } from "../answer.ts";
import type { Representation } from "./negotiate.ts";
import { partial, typed } from "./present.ts";
import { columnsOf, rowOf, type IncludeObject } from "./table.ts";

interface GetRequest {
  readonly kind: KindRef;
  readonly representation: Representation;
  readonly includeObject: IncludeObject;
  /** Seconds since the cluster was generated. */
  readonly now: number;
}

/** One object by itself. */
export function getOne(document: JsonObject, request: GetRequest): Answer {
  switch (request.representation) {
    case "object":
      return jsonAnswer(typed(document, request.kind));
    case "metadata":
      return jsonAnswer(partial(document));
    case "table":
      return jsonAnswer(tableOf(document, request));
  }
}

function tableOf(document: JsonObject, request: GetRequest): JsonObject {
  const resourceVersion = metadataOf(document)["resourceVersion"] ?? "";
  const head = { kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: { resourceVersion } };
  return { ...head, columnDefinitions: columnsOf(request.kind.resource), rows: [rowOf(document, request)] };
}
