import { isJsonObject, type Json } from "../../core/json.ts";
import { storageFlaw } from "../../streams/reading/storage-flaw.ts";
import type { IncomingEvent } from "./ports.ts";

/** One record of a request: an event, or why it is none. */
export type PostedRecord = { readonly line: number | null } & (
  | ({ readonly kind: "event" } & IncomingEvent)
  | { readonly kind: "fault"; readonly index: number; readonly field: null; readonly reason: string }
);

interface Place {
  readonly index: number;
  readonly line: number | null;
}

export function recordOf(value: Json, text: string, place: Place, maxBytes: number): PostedRecord {
  const bytes = Buffer.byteLength(text);
  if (!isJsonObject(value)) return faultyRecord(place, "an event is a JSON object");
  if (bytes > maxBytes) return faultyRecord(place, tooLong(maxBytes));
  const flaw = storageFlaw(value, text);
  if (flaw !== null) return faultyRecord(place, `the event ${flaw}`);
  return { kind: "event", event: value, text, bytes, ...place };
}

export function faultyRecord(place: Place, reason: string): PostedRecord {
  return { kind: "fault", field: null, reason, ...place };
}

export function tooLong(maxBytes: number): string {
  return `an event has at most ${maxBytes} bytes`;
}
