import type { Json, JsonObject } from "../../core/json.ts";
import type { Family } from "../exposition.ts";

export const SCOPES = ["WRITE", "READ"] as const;
export type Scope = (typeof SCOPES)[number];

/** Whoever a token speaks for. */
export interface User {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly scopes: readonly Scope[];
}

export interface IncomingEvent {
  /** Its place among the records of the request, counted from 0. */
  readonly index: number;
  readonly event: JsonObject;
  /**
   * The event's own JSON, byte for byte as it was posted. This is what has to be kept: `event` went through
   * JavaScript's numbers, which round beyond 2^53.
   */
  readonly text: string;
  /** Bytes of `text`. */
  readonly bytes: number;
  /** The mark of a probe, `<uuid>/<number>`: it is no event, but goes the way of one. */
  readonly probe?: string;
}

export type IntakeMode = "kafka" | "direct" | "spool";

/** What became of one event. */
export type Receipt =
  | {
      readonly kind: "taken";
      readonly mode: IntakeMode;
      readonly id: string;
      readonly partition?: number;
      readonly offset?: bigint;
    }
  | { readonly kind: "refused"; readonly field: string | null; readonly reason: string }
  | { readonly kind: "unavailable"; readonly retryAfterS: number; readonly reason: string };

/**
 * Where events go. One receipt for each event, in the same order; `taken` means that the event is safely down and may
 * be acknowledged. The signal fires when the gateway closes and will wait no longer; it does not fire when a client
 * hangs up, since its events may be down already.
 */
export interface Intake {
  take(events: readonly IncomingEvent[], by: User, signal: AbortSignal): Promise<readonly Receipt[]>;
}

export interface KnownUser extends User {
  readonly email: string;
  /** As `passwords.ts` writes it. */
  readonly passwordHash: string;
}

export type NewUser = Pick<KnownUser, "name" | "email" | "passwordHash" | "scopes">;

/** Who may log in. E-mail addresses come trimmed and in lower case. */
export interface Users {
  byEmail(email: string): Promise<KnownUser | null>;
  /** Missing where nobody may sign up. */
  add?(user: NewUser): Promise<"added" | "taken">;
}

export interface ReportParameter {
  readonly name: string;
  readonly about: string;
  readonly type:
    | { readonly kind: "uuid" }
    | { readonly kind: "text"; readonly maxLength: number }
    | { readonly kind: "integer"; readonly minimum: number; readonly maximum: number }
    /** A number and `m`, `h` or `d`: 60m, 12h, 7d. */
    | { readonly kind: "period" }
    /** With its zone. */
    | { readonly kind: "time" };
  /** Stands in for a parameter that was not given; null: it has to be given, but for a time, which is then now. */
  readonly otherwise: string | number | null;
}

export interface ReportDescription {
  /** The last part of its path, `/api/reports/<name>`: small letters, digits, dashes. */
  readonly name: string;
  readonly about: string;
  readonly parameters: readonly ReportParameter[];
  /** Whether it takes `page` (from 1) and `page_size` (1 to 1000, otherwise 50) too. */
  readonly isPaged: boolean;
  /** The JSON Schema of its answer. */
  readonly answer: JsonObject;
}

export type ReportAnswer =
  | { readonly kind: "found"; readonly body: Json }
  | { readonly kind: "refused"; readonly field: string | null; readonly reason: string }
  | { readonly kind: "missing"; readonly reason: string }
  | { readonly kind: "unavailable"; readonly retryAfterS: number; readonly reason: string };

export type ReportValues = Readonly<Record<string, string | number>>;

export interface Reports {
  readonly list: readonly ReportDescription[];
  run(name: string, values: ReportValues, signal: AbortSignal): Promise<ReportAnswer>;
  query(body: JsonObject, signal: AbortSignal): Promise<ReportAnswer>;
}

/** A server that may be away while events are taken all the same. */
export type Away = "kafka" | "database";

/** How the rest of the process is. */
export interface Condition {
  /** Why events should go elsewhere for now; null when they may come. */
  notReady(): string | null;
  away(): readonly Away[];
  /** What `/metrics` shows beside the gateway's own figures. */
  families(): readonly Family[];
}
