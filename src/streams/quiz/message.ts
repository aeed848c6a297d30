import { isJsonObject, type Json } from "../../core/json.ts";
import { storageFlaw } from "../reading/storage-flaw.ts";
import type { OutgoingMessage } from "../define.ts";
import { readEvent, type FieldFault } from "./event.ts";

export type MadeMessage =
  | { readonly kind: "message"; readonly id: string; readonly message: OutgoingMessage }
  | ({ readonly kind: "fault" } & FieldFault);

/**
 * The message of an event as a client posts it: the event as it came, in an envelope with the time at which it is sent
 * (`at`, RFC 3339). `text` is its JSON byte for byte: written anew, numbers beyond 2^53 would be others. What cannot be
 * stored later is refused now, while there is somebody to tell.
 */
export function toMessage(posted: Json, at: string, text: string = JSON.stringify(posted)): MadeMessage {
  if (!isJsonObject(posted)) return { kind: "fault", field: "event", reason: "is not an object" };
  const read = readEvent(posted);
  if (read.kind === "fault") return read;
  const flaw = storageFlaw(posted, text);
  if (flaw !== null) return { kind: "fault", field: "event", reason: flaw };
  const { event_id, event_type, session_id } = read.event;
  const head = JSON.stringify({ event_id, event_type, session_id, timestamp: at });
  const value = `${head.slice(0, -1)},"payload":${text}}`;
  return { kind: "message", id: event_id, message: { key: session_id, headers: { event_type }, value } };
}
