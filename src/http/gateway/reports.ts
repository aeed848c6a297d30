import { isJsonObject } from "../../core/json.ts";
import { badRequest, errorAnswer, unavailable, type Answer } from "./answer.ts";
import { readDocument } from "./event-document.ts";
import type { Asked, Operation, Parameter } from "./operation.ts";
import type { ReportAnswer, ReportDescription, ReportParameter, Reports } from "./ports.ts";
import { isOptional, readParameters } from "./report-parameters.ts";
import { ANYTHING, ERROR, REPORT_QUERY } from "./schemas.ts";
import { isOutage } from "./take.ts";

const REFUSED = { about: "A parameter is missing or no good; field names it.", schema: ERROR };
const MISSING = { about: "What is asked about is not known.", schema: ERROR };

const PAGING: readonly ReportParameter[] = [
  {
    name: "page",
    about: "Counted from 1.",
    type: { kind: "integer", minimum: 1, maximum: 1_000_000 },
    otherwise: 1,
  },
  {
    name: "page_size",
    about: "Rows of a page.",
    type: { kind: "integer", minimum: 1, maximum: 1_000 },
    otherwise: 50,
  },
];

/** One path for each report, and one for questions that people put together themselves. */
export function reportOperations(reports: Reports): readonly Operation[] {
  return [...reports.list.map((report) => reportOperation(report, reports)), queryOperation(reports)];
}

function reportOperation(report: ReportDescription, reports: Reports): Operation {
  const parameters = report.isPaged ? [...report.parameters, ...PAGING] : report.parameters;
  return {
    method: "GET",
    path: `/api/reports/${report.name}`,
    id: `report-${report.name}`,
    about: report.about,
    scope: "READ",
    parameters: parameters.map(shown),
    answers: { 200: { about: "The report.", schema: report.answer }, 400: REFUSED, 404: MISSING },
    run: async ({ query, signal }: Asked) => {
      const read = readParameters(query, parameters);
      if (read.kind === "fault") return badRequest(read.reason, read.field);
      return answerOf(() => reports.run(report.name, read.values, signal), signal);
    },
  };
}

function queryOperation(reports: Reports): Operation {
  return {
    method: "POST",
    path: "/api/reports/query",
    id: "query",
    about: "Measures by dimensions, from closed lists.",
    scope: "READ",
    takes: { schema: REPORT_QUERY, isStreamable: false },
    answers: { 200: { about: "The rows.", schema: ANYTHING }, 400: REFUSED, 404: MISSING },
    run: async ({ body, signal }) => {
      const document = readDocument(body);
      if (document.kind === "fault") return badRequest(`the body ${document.reason}`);
      const { value } = document;
      if (!isJsonObject(value)) return badRequest("the body is not an object");
      return answerOf(() => reports.query(value, signal), signal);
    },
  };
}

async function answerOf(ask: () => Promise<ReportAnswer>, signal: AbortSignal): Promise<Answer> {
  try {
    return answerTo(await ask());
  } catch (error) {
    if (isOutage(error, signal)) return unavailable("the reports' database did not answer in time", 5);
    throw error;
  }
}

function answerTo(answer: ReportAnswer): Answer {
  switch (answer.kind) {
    case "found":
      return { status: 200, body: answer.body };
    case "refused":
      return badRequest(answer.reason, answer.field);
    case "missing":
      return errorAnswer(404, { code: "not_found", message: answer.reason });
    case "unavailable":
      return unavailable(answer.reason, answer.retryAfterS);
  }
}

function shown(parameter: ReportParameter): Parameter {
  const { name, about, type, otherwise } = parameter;
  return {
    name,
    about,
    isRequired: !isOptional(parameter),
    schema: { ...schemaOf(type), ...byDefault(otherwise) },
  };
}

function byDefault(otherwise: ReportParameter["otherwise"]): Parameter["schema"] {
  return otherwise === null ? {} : { default: otherwise };
}

function schemaOf(type: ReportParameter["type"]): Parameter["schema"] {
  switch (type.kind) {
    case "uuid":
      return { type: "string", format: "uuid" };
    case "text":
      return { type: "string", maxLength: type.maxLength };
    case "integer":
      return { type: "integer", minimum: type.minimum, maximum: type.maximum };
    case "time":
      return { type: "string", format: "date-time" };
    case "period":
      return { type: "string", pattern: "^[1-9][0-9]{0,4}[mhd]$" };
  }
}
