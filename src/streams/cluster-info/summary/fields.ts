import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";

/*
 * Reading the fields of a document that may hold anything: a field of another type counts as absent, so that a
 * strange object is summed up as far as it goes and never stops its snapshot.
 */

/** Of PostgreSQL's `integer`, which the views cast to. */
export const LARGEST_INTEGER = 2_147_483_647;

export function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** The objects among a list's items. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return listOf(value).filter(isJsonObject);
}

/** The texts among a list's items. */
export function textsOf(value: Json | undefined): readonly string[] {
  return listOf(value).filter((item) => typeof item === "string");
}

/** "" when it is no text. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** 0 when it is no whole number, or none that PostgreSQL's `integer` holds. */
export function wholeOf(value: Json | undefined): number {
  return Number.isInteger(value) && Math.abs(Number(value)) <= LARGEST_INTEGER ? Number(value) : 0;
}

/** A Kubernetes int-or-string as text; "" when it is neither. */
export function intOrTextOf(value: Json | undefined): string {
  return typeof value === "number" ? String(value) : textOf(value);
}

/** `{[name]: value}`, or nothing at all when the text is empty: the fields that the collector leaves out then. */
export function unlessEmpty(name: string, value: string): JsonObject {
  return value === "" ? {} : { [name]: value };
}
