import type { IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { toClusterflowError } from "../../../core/errors.ts";
import { JSON_TYPE, jsonAnswer, type Answer } from "../answer.ts";
import { applyChange, parseChange } from "./changes.ts";
import { type Faults, parseFault } from "./faults.ts";
import type { Store } from "../store/store.ts";

/** Everything under this path belongs to whoever runs the simulation; Kubernetes knows no such path. */
export const ADMIN_PREFIX = "/simulator";

interface Simulation {
  readonly store: Store;
  readonly faults: Faults;
}

/**
 * `GET /simulator` tells how it stands; `POST /simulator/changes`, `/simulator/compact` and `/simulator/faults`
 * move the cluster on, make it forget its past, and make requests fail; `DELETE /simulator/faults` ends that.
 */
export async function administer(request: IncomingMessage, path: string, world: Simulation): Promise<Answer> {
  const { store, faults } = world;
  switch (`${request.method ?? ""} ${path}`) {
    case "GET /simulator":
      break;
    case "POST /simulator/changes":
      return withItems(request, (items) => {
        for (const change of items.map(parseChange)) applyChange(change, store);
        return jsonAnswer(standing(world));
      });
    case "POST /simulator/compact":
      store.compact();
      break;
    case "POST /simulator/faults":
      return withItems(request, (items) => {
        faults.arm(items.map(parseFault));
        return jsonAnswer(standing(world));
      });
    case "DELETE /simulator/faults":
      faults.disarm();
      break;
    default:
      return problem(404, `the simulator does not know ${request.method ?? ""} ${path}`);
  }
  return jsonAnswer(standing(world));
}

function standing({ store, faults }: Simulation): { readonly [key: string]: string | number } {
  return {
    revision: String(store.revision),
    compacted: String(store.compacted),
    armedFaults: faults.armed,
    // in KiB on every system that Node knows
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** The body is one item or a list of them; those before a wrong one have been dealt with. */
async function withItems(
  request: IncomingMessage,
  then: (items: readonly unknown[]) => Answer,
): Promise<Answer> {
  try {
    const body: unknown = await json(request);
    return then(Array.isArray(body) ? body : [body]);
  } catch (thrown) {
    return problem(400, toClusterflowError(thrown).message);
  }
}

function problem(status: number, message: string): Answer {
  return { status, contentType: JSON_TYPE, body: [`${JSON.stringify({ error: message })}\n`] };
}
