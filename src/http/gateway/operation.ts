import type { JsonObject } from "../../core/json.ts";
import type { Answer } from "./answer.ts";
import type { Scope, User } from "./ports.ts";

/** A request as an operation sees it: known by its token where one is wanted, its body within the limits. */
export interface Asked {
  readonly user: User;
  readonly body: Buffer;
  /** The lines of a stream, where the operation takes one and it was sent; `body` is empty then. */
  readonly stream: AsyncIterable<Buffer> | null;
  readonly query: Readonly<Record<string, unknown>>;
  readonly address: string;
  /** What the header of probes says; null where there is none. */
  readonly probe: string | null;
  /** Fires when the gateway closes and will wait no longer. */
  readonly signal: AbortSignal;
}

export interface Parameter {
  readonly name: string;
  readonly about: string;
  readonly isRequired: boolean;
  readonly schema: JsonObject;
}

export interface AnswerShape {
  readonly about: string;
  /** Null: no body. */
  readonly schema: JsonObject | null;
  readonly type?: string;
}

/** One path and method: how it is served and how `/openapi.json` tells of it, from one definition. */
export interface Operation {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly id: string;
  readonly about: string;
  readonly description?: string;
  /** What a token has to allow; null for everybody. */
  readonly scope: Scope | null;
  readonly parameters?: readonly Parameter[];
  readonly takes?: { readonly schema: JsonObject; readonly isStreamable: boolean };
  /** Its own answers; `openapi.ts` adds those that the gateway itself gives. */
  readonly answers: Readonly<Record<number, AnswerShape>>;
  run(asked: Asked): Promise<Answer>;
}
