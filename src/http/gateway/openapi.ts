import type { JsonObject } from "../../core/json.ts";
import { VERSION } from "../../core/version.ts";
import type { AnswerShape, Operation, Parameter } from "./operation.ts";
import { ERROR } from "./schemas.ts";

/** The document of `/openapi.json`, made from what is served. */
export function openApiOf(operations: readonly Operation[]): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations) {
    const { path, method } = operation;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(operation) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "clusterflow", version: VERSION },
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}

function operationObject(operation: Operation): JsonObject {
  const { id, about, description, scope, parameters = [], takes } = operation;
  return {
    operationId: id,
    summary: about,
    ...(description === undefined ? {} : { description }),
    security: scope === null ? [] : [{ bearer: [scope] }],
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(parameterObject) }),
    ...(takes === undefined ? {} : { requestBody: bodyObject(takes) }),
    responses: Object.fromEntries(
      Object.entries(allAnswersOf(operation)).map(([status, shape]) => [status, answerObject(shape)]),
    ),
  };
}

function parameterObject({ name, about, isRequired, schema }: Parameter): JsonObject {
  return { name, in: "query", description: about, required: isRequired, schema };
}

function bodyObject({ schema, isStreamable }: NonNullable<Operation["takes"]>): JsonObject {
  const lines = { "application/x-ndjson": { schema: { type: "string" } } };
  return { required: true, content: { "application/json": { schema }, ...(isStreamable ? lines : {}) } };
}

function answerObject({ about, schema, type = "application/json" }: AnswerShape): JsonObject {
  return { description: about, ...(schema === null ? {} : { content: { [type]: { schema } } }) };
}

/** Those that the gateway gives before an operation is asked, and those of the operation itself. */
function allAnswersOf({ scope, takes, answers }: Operation): Readonly<Record<number, AnswerShape>> {
  return {
    ...(scope === null ? {} : KNOWN_ONLY),
    ...(takes === undefined ? {} : WITH_BODY),
    500: error("Something went wrong here."),
    503: error("Too much to do, an outage, or closing; Retry-After says when to come again."),
    ...answers,
  };
}

const KNOWN_ONLY = {
  401: error("No token, or none that is valid."),
  403: error("The token does not allow it."),
  429: error("Too many requests of this user; Retry-After says when to come again."),
};

const WITH_BODY = {
  400: error("The request cannot be read."),
  413: error("The body is too large."),
  415: error("Another type or encoding than the ones that are taken."),
};

function error(about: string): AnswerShape {
  return { about, schema: ERROR };
}
