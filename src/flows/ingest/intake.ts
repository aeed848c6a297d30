import { unlessAborted } from "../../core/bounded.ts";
import type { Intake, IncomingEvent, Receipt } from "../../http/gateway/ports.ts";
import { Groups } from "../../pipeline/ingest/groups.ts";
import { probeMessage, readProbeMark } from "../../pipeline/probe.ts";
import type { Outcome, Store } from "../../pipeline/ingest/ports.ts";
import type { Ingested, IngestPart, OutgoingMessage } from "../../streams/define.ts";

/** Judges events by the stream's own word, and stores those that are good together with those of other requests. */
export function openIntake(part: IngestPart, store: Store, maxMessageBytes: () => number): Intake {
  const groups = new Groups(store);
  return {
    async take(events, _, signal) {
      const at = new Date().toISOString();
      const judged = events.map((event) => judge(event, part, { at, maxBytes: maxMessageBytes() }));
      const messages = judged.flatMap((one) => (one.kind === "message" ? [one.message] : []));
      const outcomes = messages.length === 0 ? [] : await unlessAborted(groups.add(messages), signal);
      const next = outcomes.values();
      return judged.map((one) =>
        one.kind === "fault" ? refusal(one) : receiptOf(one.id, next.next().value),
      );
    },
  };
}

interface Terms {
  readonly at: string;
  readonly maxBytes: number;
}

function judge({ event, text, probe }: IncomingEvent, part: IngestPart, { at, maxBytes }: Terms): Ingested {
  const mark = probe === undefined ? null : readProbeMark(probe);
  if (mark !== null && probe !== undefined)
    return { kind: "message", id: probe, message: probeMessage({ ...mark, way: "http" }) };
  const made = part.toMessage(event, text, at);
  if (made.kind === "fault") return made;
  const bytes = sizeOf(made.message);
  if (bytes <= maxBytes) return made;
  return {
    kind: "fault",
    field: null,
    reason: `the event makes ${bytes} bytes, and the topic takes ${maxBytes}`,
  };
}

function sizeOf({ key, value, headers }: OutgoingMessage): number {
  const texts = [key, value, ...Object.entries(headers).flat()];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function refusal({ field, reason }: Ingested & { kind: "fault" }): Receipt {
  return { kind: "refused", field, reason: field === null ? reason : `the field ${field} ${reason}` };
}

function receiptOf(id: string, outcome: Outcome | undefined): Receipt {
  switch (outcome?.kind) {
    case undefined:
      throw new Error("fewer outcomes than messages");
    case "kafka":
      return { kind: "taken", mode: "kafka", id, partition: outcome.partition, offset: outcome.offset };
    case "direct":
    case "spool":
      return { kind: "taken", mode: outcome.kind, id };
    case "refused":
      return { kind: "refused", field: null, reason: outcome.reason };
    case "unavailable":
      return outcome;
  }
}
