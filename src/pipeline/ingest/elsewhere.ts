import { toClusterflowError } from "../../core/errors.ts";
import { encodeEntry } from "./entry.ts";
import type { Outcome, Store, WaitingLine } from "./ports.ts";

/** A full disk does not empty itself within a second. */
const RETRY_AFTER_S = 10;

/** Puts events on the disk, all of a call or none. */
export function storeOnDisk(line: WaitingLine, onFailure: (reason: string) => void): Store {
  return async (messages) => {
    try {
      await line.append(messages.map(encodeEntry));
      return messages.map((): Outcome => ({ kind: "spool" }));
    } catch (thrown) {
      const { message: reason } = toClusterflowError(thrown);
      onFailure(reason);
      return messages.map((): Outcome => ({
        kind: "unavailable",
        retryAfterS: RETRY_AFTER_S,
        reason: NO_PLACE,
      }));
    }
  };
}

/** What clients hear: paths of the gateway's disk are not for them. */
const NO_PLACE = "Kafka is away, and there is no room to keep events until it is back";
