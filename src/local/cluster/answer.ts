import type { JsonObject } from "../../core/json.ts";

/** What the server says to one request. The body comes piece by piece: a list may be larger than memory. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Iterable<string>;
}

/** Either what was asked for, or the answer that says why not. */
export type Outcome<T> =
  { readonly kind: "ok"; readonly value: T } | { readonly kind: "refused"; readonly answer: Answer };

export function ok<T>(value: T): Outcome<T> {
  return { kind: "ok", value };
}

export function refused(answer: Answer): { readonly kind: "refused"; readonly answer: Answer } {
  return { kind: "refused", answer };
}

export const JSON_TYPE = "application/json";

export function jsonAnswer(value: JsonObject, contentType = JSON_TYPE): Answer {
  return { status: 200, contentType, body: [`${JSON.stringify(value)}\n`] };
}

export function textAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, contentType: "text/plain; charset=utf-8", headers, body: [text] };
}
