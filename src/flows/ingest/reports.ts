import type { Json, JsonObject } from "../../core/json.ts";
import type { ReportAnswer, ReportDescription, ReportParameter, Reports } from "../../http/gateway/ports.ts";
import type { Connection, Row } from "../../postgres/connection.ts";
import { ReportDesk } from "../../postgres/report-desk.ts";
import { callQuery } from "../../streams/quiz/query.ts";
import { callReport, type Called } from "../../streams/quiz/report-call.ts";
import type { Report } from "../../streams/quiz/report-define.ts";
import { REPORTS } from "../../streams/quiz/reports.ts";
import type { Demand } from "./database.ts";
import { schemaOf } from "./report-schema.ts";

interface Source {
  /** Of the gateway's own; reports have others to the same database. */
  readonly connection: Connection;
  readonly demand: Demand;
}

/** The reports of quizzes, from the database that the consumer fills. */
export function openReports({ connection, demand }: Source): Reports & AsyncDisposable {
  const desk = new ReportDesk(connection.settings);
  return {
    list: REPORTS.map(descriptionOf),
    async run(name, values, signal) {
      demand();
      const report = REPORTS.find((one) => one.name === name);
      if (report === undefined) return { kind: "missing", reason: `there is no report ${name}` };
      const asked = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
      return answerOf(desk, callReport(report, asked), signal, ([row]) => (row?.["report"] ?? null) as Json);
    },
    async query(body, signal) {
      demand();
      return answerOf(desk, callQuery(body), signal, (rows) => ({
        data: rows.map((row) => row["row"] as JsonObject),
      }));
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
}

async function answerOf(
  desk: ReportDesk,
  called: Called,
  signal: AbortSignal,
  bodyOf: (rows: readonly Row[]) => Json,
): Promise<ReportAnswer> {
  if (called.kind === "fault")
    return { kind: "refused", field: called.field, reason: `the field ${called.field} ${called.reason}` };
  const answer = await desk.ask(called.text, called.parameters, signal);
  switch (answer.kind) {
    case "rows":
      return { kind: "found", body: bodyOf(answer.rows) };
    case "busy":
      return { kind: "unavailable", retryAfterS: 2, reason: "too many ask for reports at the moment" };
    case "slow":
      return { kind: "unavailable", retryAfterS: 30, reason: "the report takes too long: ask for less" };
  }
}

/** Paging is the gateway's own. */
function descriptionOf(report: Report): ReportDescription {
  const { name, about, isPaged } = report;
  return { name, about, isPaged, parameters: parametersOf(report), answer: schemaOf(report.result) };
}

function parametersOf({ parameters }: Report): readonly ReportParameter[] {
  return parameters.flatMap(({ name, type, default: otherwise }): ReportParameter[] => {
    if (type === "id") return [{ name, about: name, type: { kind: "text", maxLength: 200 }, otherwise }];
    if (type === "range") return [{ name, about: "how far back", type: { kind: "period" }, otherwise }];
    if (type === "time")
      return [
        { name, about: "when the range ends; now, when left out", type: { kind: "time" }, otherwise: null },
      ];
    return [];
  });
}
