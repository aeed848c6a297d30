import type { JsonObject } from "../../core/json.ts";

/** JSON Schema 2020-12, as OpenAPI 3.1 has it. */
function object(
  required: Readonly<Record<string, JsonObject>>,
  optional: Readonly<Record<string, JsonObject>> = {},
): JsonObject {
  return {
    type: "object",
    required: Object.keys(required),
    properties: { ...required, ...optional },
    additionalProperties: false,
  };
}

export const TEXT: JsonObject = { type: "string" };
const COUNT: JsonObject = { type: "integer", minimum: 0 };
const MODE: JsonObject = { enum: ["kafka", "direct", "spool"] };
const OFFSET: JsonObject = { type: ["integer", "string"], description: "A text only beyond 2^53." };
const FIELD: JsonObject = { type: ["string", "null"] };

const WHERE = { partition: COUNT, offset: OFFSET };

const FAULT = object({ code: TEXT, message: TEXT }, { field: TEXT, index: COUNT, line: COUNT });

export const ERROR = object({ error: FAULT });

/** The seed systems know a few of its members; the rest is the sender's. */
export const EVENT: JsonObject = {
  type: "object",
  description: "One event. What repeats its event_id is the same event and is stored once.",
  properties: { event_id: TEXT, event_type: TEXT, timestamp: TEXT, session_id: TEXT },
};

export const EVENTS: JsonObject = { type: "array", items: EVENT, minItems: 1 };

export const TAKEN_EVENT = object(
  { message: TEXT, event_id: TEXT, timestamp: { type: "string", format: "date-time" }, mode: MODE },
  WHERE,
);

const PLACE = { index: COUNT };
const LINE = { line: { type: "integer", minimum: 1 } };

const RESULT: JsonObject = {
  oneOf: [
    object({ ...PLACE, status: { const: "taken" }, event_id: TEXT, mode: MODE }, { ...LINE, ...WHERE }),
    object({ ...PLACE, status: { enum: ["refused", "unavailable"] }, field: FIELD, reason: TEXT }, LINE),
  ],
};

const SUMS = {
  user_id: TEXT,
  processed_count: COUNT,
  total_events: COUNT,
  mode: { enum: ["kafka", "direct", "spool", "mixed", null] },
  results: { type: "array", items: RESULT },
};
const ERRORS = { errors: { type: "array", items: object({ ...PLACE, field: FIELD, reason: TEXT }, LINE) } };

export const TAKEN_EVENTS = object({ message: TEXT, ...SUMS }, ERRORS);

/** The same sums beside what was wrong; without them where the request as a whole was no good. */
export const MISSED_EVENTS = object({ error: FAULT }, { message: TEXT, ...SUMS, ...ERRORS });

export const CREDENTIALS = object({ email: TEXT, password: TEXT });
export const TOKEN = object({ token: TEXT });
export const SIGN_UP = object({ name: TEXT, email: TEXT, password: TEXT }, { role: TEXT });

export const REPORT_QUERY: JsonObject = {
  type: "object",
  properties: {
    measures: { type: "array", items: TEXT },
    dimensions: { type: "array", items: TEXT },
    filters: { type: "object" },
    time_range: { type: "object" },
    limit: { type: "integer" },
    order_by: { type: "array", items: { type: "object" } },
  },
};

const AWAY: JsonObject = { type: "array", items: { enum: ["kafka", "database"] }, minItems: 1 };

export const VERDICT = object({ ok: { type: "boolean" } }, { why: TEXT, away: AWAY });
export const ANYTHING: JsonObject = {};
