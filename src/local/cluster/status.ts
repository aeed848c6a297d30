import type { Json, JsonObject } from "../../core/json.ts";
import { JSON_TYPE, textAnswer, type Answer } from "./answer.ts";

interface Failure {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly metadata?: JsonObject;
  readonly details?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A `Status` object with the words of a real API server 1.35. */
function failure({ code, reason, message, metadata = {}, details, headers = {} }: Failure): Answer {
  const status = { kind: "Status", apiVersion: "v1", metadata, status: "Failure", message, reason };
  const body = { ...status, ...(details === undefined ? {} : { details }), code };
  return { status: code, contentType: JSON_TYPE, headers, body: [`${JSON.stringify(body)}\n`] };
}

export function badRequest(message: string): Answer {
  return failure({ code: 400, reason: "BadRequest", message });
}

export function unauthorized(): Answer {
  return failure({ code: 401, reason: "Unauthorized", message: "Unauthorized" });
}

/** What somebody wants to do to objects of a kind, or to one of them. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | null;
  readonly name: string | null;
}

export function forbidden(user: string, { verb, group, resource, namespace, name }: Access): Answer {
  const qualified = group === "" ? resource : `${resource}.${group}`;
  const subject = name === null ? qualified : `${qualified} "${name}"`;
  const scope = namespace === null ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const message = `${subject} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`;
  const details = { ...(name === null ? {} : { name }), ...(group === "" ? {} : { group }), kind: resource };
  return failure({ code: 403, reason: "Forbidden", message, details, headers: NO_SNIFFING });
}

export function forbiddenPath(user: string, verb: string, path: string): Answer {
  const message = `forbidden: User "${user}" cannot ${verb} path "${path}"`;
  return failure({ code: 403, reason: "Forbidden", message, details: {}, headers: NO_SNIFFING });
}

/** What no handler knows at all is answered in plain text. */
export function pageNotFound(): Answer {
  return textAnswer(404, "404 page not found\n", NO_SNIFFING);
}

const NO_SNIFFING = { "x-content-type-options": "nosniff" };

export function resourceNotFound(): Answer {
  const message = "the server could not find the requested resource";
  return failure({ code: 404, reason: "NotFound", message, details: {} });
}

export function objectNotFound(group: string, resource: string, name: string): Answer {
  const qualified = group === "" ? resource : `${resource}.${group}`;
  const details = { name, ...(group === "" ? {} : { group }), kind: resource };
  return failure({ code: 404, reason: "NotFound", message: `${qualified} "${name}" not found`, details });
}

export function methodNotAllowed(): Answer {
  const message = "the server does not allow this method on the requested resource";
  return failure({ code: 405, reason: "MethodNotAllowed", message, details: {} });
}

export function notAcceptable(message: string, details?: JsonObject): Answer {
  return failure({
    code: 406,
    reason: "NotAcceptable",
    message,
    ...(details === undefined ? {} : { details }),
  });
}

/** `inconsistentToken` finishes a list whose revision is gone with whatever holds now. */
export function expired(inconsistentToken: string | null): Answer {
  if (inconsistentToken === null) {
    const message = "The resourceVersion for the provided list is too old.";
    return failure({ code: 410, reason: "Expired", message });
  }
  const message =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
    "deleted between the time the first chunk was returned and now may show up in the list.";
  return failure({ code: 410, reason: "Expired", message, metadata: { continue: inconsistentToken } });
}

/** One thing that is wrong with the options of a list. */
export interface OptionFault {
  readonly reason: "FieldValueForbidden" | "FieldValueNotSupported";
  readonly message: string;
}

/** All of them are about the same field. */
export function invalidListOptions(faults: readonly OptionFault[]): Answer {
  const field = "resourceVersionMatch";
  const lines = faults.map(({ message }) => `${field}: ${message}`);
  const all = lines.length === 1 ? lines.join("") : `[${lines.join(", ")}]`;
  const causes: Json[] = faults.map(({ reason, message }) => ({ reason, message, field }));
  const details = { group: "meta.k8s.io", kind: "ListOptions", causes };
  const message = `ListOptions.meta.k8s.io "" is invalid: ${all}`;
  return failure({ code: 422, reason: "Invalid", message, details });
}

/** A real server waits three seconds first, in case the revision comes; there is nothing to wait for here. */
export function revisionTooLarge(asked: number, current: number): Answer {
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  return failure({
    code: 504,
    reason: "Timeout",
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: { causes, retryAfterSeconds: 1 },
    headers: { "retry-after": "1" },
  });
}

/** Flow control turns requests away in plain text. */
export function tooManyRequests(retryAfterSeconds: number): Answer {
  const headers = { ...NO_SNIFFING, "retry-after": String(retryAfterSeconds) };
  return textAnswer(429, "Too many requests, please try again later.\n", headers);
}

export function unavailable(retryAfterSeconds: number): Answer {
  const headers = { "retry-after": String(retryAfterSeconds) };
  return failure({ code: 503, reason: "ServiceUnavailable", message: "apiserver is shutting down", headers });
}
