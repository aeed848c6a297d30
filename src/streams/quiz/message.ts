import { isJsonObject, type Json } from "../../core/json.ts";
import { storageFlaw } from "../reading/storage-flaw.ts";
import type { OutgoingMessage } from "../define.ts";
import { readEvent, type FieldFault } from "./event.ts";

export type MadeMessage =
  { readonly kind: "message"; readonly message: OutgoingMessage } | ({ readonly kind: "fault" } & FieldFault);

/**
 * The message of an event as a client posts it: the event as it came, in an envelope with the time at which it is sent
 * (`at`, RFC 3339). What cannot be stored later is refused now, while there is somebody to tell.
 */
export function toMessage(posted: Json, at: string): MadeMessage {
  if (!isJsonObject(posted)) return { kind: "fault", field: "event", reason: "is not an object" };
  const read = readEvent(posted);
  if (read.kind === "fault") return read;
  const flaw = storageFlaw(posted, JSON.stringify(posted));
  if (flaw !== null) return { kind: "fault", field: "event", reason: flaw };
  const { event_id, event_type, session_id } = read.event;
  const envelope = { event_id, event_type, session_id, timestamp: at, payload: posted };
  return {
    kind: "message",
    message: { key: session_id, headers: { event_type }, value: JSON.stringify(envelope) },
  };
}
