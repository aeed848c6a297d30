import type { JsonObject } from "../../core/json.ts";
import { CONTENT_TYPE, exposition, type Family } from "../exposition.ts";
import type { Answer } from "./answer.ts";
import type { Operation } from "./operation.ts";
import { ANYTHING, TEXT, VERDICT } from "./schemas.ts";

export interface StatusParts {
  readonly notReady: () => string | null;
  readonly away: () => readonly string[];
  readonly families: () => readonly Family[];
  readonly openApi: () => JsonObject;
}

/** What the gateway says about itself, to everybody and however busy it is. */
export function statusOperations({ notReady, away, families, openApi }: StatusParts): readonly Operation[] {
  const common = { method: "GET", scope: null } as const;
  const verdicts = { 200: { about: "Yes.", schema: VERDICT }, 503: { about: "No.", schema: VERDICT } };
  return [
    {
      ...common,
      path: "/healthz",
      id: "isAlive",
      about: "Whether the process answers.",
      answers: verdicts,
      run: () => Promise.resolve(verdict(null, [])),
    },
    {
      ...common,
      path: "/readyz",
      id: "isReady",
      about: "Whether events may come; away names what is missing for now, also while they may.",
      answers: verdicts,
      run: () => Promise.resolve(verdict(notReady(), away())),
    },
    {
      ...common,
      path: "/metrics",
      id: "metrics",
      about: "Figures for Prometheus.",
      answers: { 200: { about: "The figures.", schema: TEXT, type: "text/plain" } },
      run: () =>
        Promise.resolve({
          status: 200,
          body: exposition(families()),
          headers: { "content-type": CONTENT_TYPE },
        }),
    },
    {
      ...common,
      path: "/openapi.json",
      id: "openApi",
      about: "This document.",
      answers: { 200: { about: "OpenAPI 3.1.", schema: ANYTHING } },
      run: () => Promise.resolve({ status: 200, body: openApi() }),
    },
  ];
}

function verdict(why: string | null, away: readonly string[]): Answer {
  const missing = away.length === 0 ? {} : { away };
  return why === null
    ? { status: 200, body: { ok: true, ...missing } }
    : { status: 503, body: { ok: false, why, ...missing } };
}
