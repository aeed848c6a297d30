import type { JsonObject } from "../../../core/json.ts";
import { objectOf, objectsOf, wholeOf } from "./fields.ts";
import { labelledOf, namedOf } from "./metadata.ts";

export function deploymentSummary(document: JsonObject): JsonObject {
  const spec = objectOf(document["spec"]);
  const status = objectOf(document["status"]);
  return {
    // the API server fills in 1 where nothing is said, so a document without it was not written by one
    replicas: "replicas" in spec ? wholeOf(spec["replicas"]) : 1,
    ready_replicas: wholeOf(status["readyReplicas"]),
    updated_replicas: wholeOf(status["updatedReplicas"]),
    conditions: objectsOf(status["conditions"]),
    ...namedOf(document),
    ...labelledOf(document),
  };
}
