import type { JsonObject } from "../../../core/json.ts";
import { objectOf, objectsOf } from "./fields.ts";
import { addQuantities, formatQuantity, largerQuantity, parseQuantity, type Quantity } from "./quantity.ts";

/** The totals of a pod in the collector's field names; "" where nothing is set. */
export function resourcesOf(spec: JsonObject): JsonObject {
  return {
    cpu_request: effective(spec, "requests", "cpu"),
    cpu_limit: effective(spec, "limits", "cpu"),
    memory_request: effective(spec, "requests", "memory"),
    memory_limit: effective(spec, "limits", "memory"),
    storage_request: effective(spec, "requests", "ephemeral-storage"),
  };
}

type Side = "requests" | "limits";
/** null: not set. A text that is no quantity, which no API server hands out, counts as not set. */
type Amount = Quantity | null;

/** Resources that a pod may set for all its containers together (KEP-2837). */
const POD_LEVEL: ReadonlySet<string> = new Set(["cpu", "memory"]);

/**
 * What the scheduler counts for a pod, as in Kubernetes' `component-helpers/resource` (PodRequests, PodLimits): the
 * larger of what runs in the end and of the fullest moment before, with the runtime class's overhead on top. A
 * limit that is not set or zero means no limit, so overhead does not make one.
 */
function effective(spec: JsonObject, side: Side, resource: string): string {
  const own = POD_LEVEL.has(resource) ? amountOf(spec, side, resource) : null;
  const sum = own ?? larger(whileRunning(spec, side, resource), whileStarting(spec, side, resource));
  const isOpen = side === "limits" && (sum === null || sum.nano === 0n);
  const total = isOpen ? sum : add(sum, quantityIn(objectOf(spec["overhead"]), resource));
  return total === null ? "" : formatQuantity(total);
}

/** All containers, and the init containers that go on running beside them. */
function whileRunning(spec: JsonObject, side: Side, resource: string): Amount {
  const sidecars = objectsOf(spec["initContainers"]).filter(isSidecar);
  return [...objectsOf(spec["containers"]), ...sidecars]
    .map((container) => amountOf(container, side, resource))
    .reduce(add, null);
}

/** Init containers run one after the other, each beside the sidecars that were started before it (KEP-753). */
function whileStarting(spec: JsonObject, side: Side, resource: string): Amount {
  let sidecars: Amount = null;
  let most: Amount = null;
  for (const container of objectsOf(spec["initContainers"])) {
    const own = amountOf(container, side, resource);
    if (isSidecar(container)) sidecars = add(sidecars, own);
    const moment = isSidecar(container) ? sidecars : add(own, sidecars);
    most = larger(most, moment);
  }
  return most;
}

function isSidecar(initContainer: JsonObject): boolean {
  return initContainer["restartPolicy"] === "Always";
}

function amountOf(owner: JsonObject, side: Side, resource: string): Amount {
  return quantityIn(objectOf(objectOf(owner["resources"])[side]), resource);
}

function quantityIn(amounts: JsonObject, resource: string): Amount {
  const text = amounts[resource];
  return typeof text === "string" ? parseQuantity(text) : null;
}

function add(left: Amount, right: Amount): Amount {
  if (left === null || right === null) return left ?? right;
  return addQuantities(left, right);
}

function larger(left: Amount, right: Amount): Amount {
  if (left === null || right === null) return left ?? right;
  return largerQuantity(left, right);
}
