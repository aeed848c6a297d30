import { isJsonObject, type Json } from "../../core/json.ts";
import { badRequest, errorAnswer, unavailable, type Answer } from "./answer.ts";
import { elementsOf, readDocument, type EventDocument } from "./event-document.ts";
import { PROBE_HEADER, readProbeMark } from "../../pipeline/probe.ts";
import type { GatewayObserved } from "./gateway-observed.ts";
import type { AnswerShape, Asked, Operation } from "./operation.ts";
import type { Intake, Receipt } from "./ports.ts";
import { recordOf, type PostedRecord } from "./record.ts";
import { EVENT, EVENTS, MISSED_EVENTS, TAKEN_EVENT, TAKEN_EVENTS, ERROR } from "./schemas.ts";
import type { Limits } from "./settings.ts";
import { takeStream } from "./stream.ts";
import { receiptsOf, takeRecords, type Taking } from "./take.ts";
import { Tally, whereOf } from "./tally.ts";

export interface EventParts {
  readonly intake: Intake;
  readonly observed: GatewayObserved;
  readonly limits: Limits;
}

const REPEATS =
  "An answer in time means that the event is safely down; mode says where. An event is known by its event_id: posting " +
  "it again, after a lost answer or a 503, stores it once. An Idempotency-Key header is not needed and not read.";

const PROBES = `With the header ${PROBE_HEADER} it is a probe of clusterflow verify --live: no event, whatever its body.`;

const IN_PART =
  "Good records go through whatever the others are; results has one entry for each record, in their order. 400 when " +
  "none was any good, 503 when there was no place for one of them: those marked taken are down all the same.";

/** The ways in for events. */
export function eventOperations(parts: EventParts): readonly Operation[] {
  const many = { 201: shape("Taken.", TAKEN_EVENTS), 400: shape("None was taken.", MISSED_EVENTS) };
  const full = {
    413: shape("Too large, or too many.", MISSED_EVENTS),
    503: shape("No place.", MISSED_EVENTS),
  };
  const common = { method: "POST", scope: "WRITE" } as const;
  return [
    {
      ...common,
      path: "/api/events",
      id: "postEvent",
      about: "Takes one event.",
      description: `${REPEATS} ${PROBES}`,
      takes: { schema: EVENT, isStreamable: false },
      answers: { 201: shape("Taken.", TAKEN_EVENT), 400: shape("It is no good.", ERROR) },
      run: (asked) => postOne(asked, parts),
    },
    {
      ...common,
      path: "/api/events/batch",
      id: "postEvents",
      about: "Takes an array of events.",
      description: `${REPEATS} ${IN_PART}`,
      takes: { schema: EVENTS, isStreamable: false },
      answers: { ...many, ...full },
      run: (asked) => postMany(asked, parts, "array"),
    },
    {
      ...common,
      path: "/v1/events",
      id: "postAnyEvents",
      about: "Takes one event, an array of them, or one on each line (application/x-ndjson).",
      description: `${REPEATS} ${IN_PART} Lines are taken while they arrive, so that a stream that is cut off may be down in part.`,
      takes: { schema: { oneOf: [EVENT, EVENTS] }, isStreamable: true },
      answers: { ...many, ...full },
      run: (asked) =>
        asked.stream === null
          ? postMany(asked, parts, "array or one")
          : takeStream(asked.stream, takingOf(asked, parts), parts.limits),
    },
  ];
}

function shape(about: string, schema: AnswerShape["schema"]): AnswerShape {
  return { about, schema };
}

function takingOf({ user, signal }: Asked, { intake, observed }: EventParts): Taking {
  return { intake, observed, by: user, signal };
}

async function postOne(asked: Asked, parts: EventParts): Promise<Answer> {
  if (asked.probe !== null) return postProbe(asked.probe, asked, parts);
  const document = readDocument(asked.body);
  if (document.kind === "fault") return badRequest(`the body ${document.reason}`);
  if (Array.isArray(document.value))
    return badRequest("one event is taken here: post an array to /api/events/batch");
  const record = recordOf(document.value, document.text, FIRST, parts.limits.eventBytes);
  if (record.kind === "fault") return badRequest(record.reason);
  const [receipt] = await receiptsOf([record], takingOf(asked, parts));
  if (receipt === undefined) throw new Error("the intake gave no receipt");
  parts.observed.sawRecord(receipt);
  return answerToOne(receipt);
}

const FIRST = { index: 0, line: null } as const;

/** Whatever the body says: a probe has none, so that it fits every stream. */
async function postProbe(mark: string, asked: Asked, parts: EventParts): Promise<Answer> {
  if (readProbeMark(mark) === null)
    return badRequest(`the header ${PROBE_HEADER} is no <uuid in small letters>/<number from 1>`);
  const probe = { event: {}, text: "{}", bytes: 2, probe: mark, ...FIRST };
  const [receipt] = await receiptsOf([probe], takingOf(asked, parts));
  if (receipt === undefined) throw new Error("the intake gave no receipt");
  return answerToOne(receipt);
}

function answerToOne(receipt: Receipt): Answer {
  if (receipt.kind === "refused") return badRequest(receipt.reason, receipt.field);
  if (receipt.kind === "unavailable") return unavailable(receipt.reason, receipt.retryAfterS);
  const timestamp = new Date().toISOString();
  return { status: 201, body: { message: "taken", event_id: receipt.id, timestamp, ...whereOf(receipt) } };
}

async function postMany(asked: Asked, parts: EventParts, wanted: "array" | "array or one"): Promise<Answer> {
  const document = readDocument(asked.body);
  if (document.kind === "fault") return badRequest(`the body ${document.reason}`);
  const { batchEvents, eventBytes } = parts.limits;
  if (!Array.isArray(document.value) && !(wanted === "array or one" && isJsonObject(document.value)))
    return badRequest(
      `the body is not ${wanted === "array" ? "an array of events" : "an event or an array of them"}`,
    );
  const values: readonly Json[] = Array.isArray(document.value) ? document.value : [document.value];
  if (values.length === 0) return badRequest("the array is empty");
  if (values.length > batchEvents)
    return errorAnswer(413, {
      code: "too_large",
      message: `at most ${batchEvents} events are taken at once, these are ${values.length}`,
    });
  const tally = new Tally();
  await takeRecords(recordsOf(document, values, eventBytes), tally, takingOf(asked, parts));
  return tally.answer(asked.user);
}

function recordsOf(
  { value, text }: EventDocument & { kind: "document" },
  values: readonly Json[],
  maxBytes: number,
): readonly PostedRecord[] {
  const texts = Array.isArray(value) ? elementsOf(text) : [text];
  return values.map((each, index) => recordOf(each, texts[index] ?? "", { index, line: null }, maxBytes));
}
