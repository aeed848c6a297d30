import type { Json } from "../../core/json.ts";

/** What a request is answered. */
export interface Answer {
  readonly status: number;
  /** A text is sent as it is, with the type that `headers` name. */
  readonly body: Json | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly index?: number;
  readonly line?: number;
}

export function errorAnswer(status: number, fault: Fault, headers: Answer["headers"] = {}): Answer {
  return { status, body: { error: { ...fault } }, headers };
}

export function badRequest(message: string, field: string | null = null): Answer {
  return errorAnswer(400, { code: "invalid", message, ...(field === null ? {} : { field }) });
}

/** Whole seconds, at least one: what HTTP knows. */
export function retryAfter(seconds: number): Readonly<Record<string, string>> {
  return { "retry-after": String(Math.max(1, Math.ceil(seconds))) };
}

export function unavailable(message: string, retryAfterS: number): Answer {
  return errorAnswer(503, { code: "unavailable", message }, retryAfter(retryAfterS));
}

export function tooMany(what: string, retryAfterS: number): Answer {
  const message = `too many ${what}: try again in ${retryAfterS} s`;
  return errorAnswer(429, { code: "too_many", message }, retryAfter(retryAfterS));
}

export function notLoggedIn(message: string): Answer {
  return errorAnswer(401, { code: "unauthorized", message }, { "www-authenticate": "Bearer" });
}

export function forbidden(message: string): Answer {
  return errorAnswer(403, { code: "forbidden", message });
}
