import type { Json } from "../../core/json.ts";
import { isTimestamp } from "../reading/timestamp.ts";

/** A value that is fit to store, or words that go after the field's name. Never quotes the value. */
export type Read = { readonly value: string | number | null } | { readonly reason: string };
export type Reader = (value: Json | undefined) => Read;

const MAX_INTEGER = 2_147_483_647;

/** The shop sends null where the product's number was none: what was clicked is unknown, that somebody clicked is not. */
export function product(value: Json | undefined): Read {
  return value === null ? { value } : whole(value);
}

/** Numbers of products and pieces come from a browser's form, where they may have become texts. */
export function whole(value: Json | undefined): Read {
  if (value === undefined) return { reason: "is missing" };
  const number = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
  const isWhole =
    typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= MAX_INTEGER;
  return isWhole ? { value: number } : { reason: `is not a whole number from 0 to ${MAX_INTEGER}` };
}

/** The shop's own default. */
export function quantity(value: Json | undefined): Read {
  return value === undefined || value === null ? { value: 1 } : whole(value);
}

export function time(value: Json | undefined): Read {
  if (value === undefined) return { reason: "is missing" };
  if (typeof value === "string" && isTimestamp(value)) return { value };
  return { reason: "is not a time with its zone such as 2026-01-31T10:00:00Z" };
}

const CART_EVENTS = ["added", "removed", "increased", "decreased"];

export function cartEvent(value: Json | undefined): Read {
  if (value === undefined) return { reason: "is missing" };
  if (typeof value === "string" && CART_EVENTS.includes(value)) return { value };
  return { reason: `is not one of ${CART_EVENTS.join(", ")}` };
}

const MAX_PAGE_NAME = 100;

export function pageName(value: Json | undefined): Read {
  if (value === undefined) return { reason: "is missing" };
  if (typeof value !== "string" || value === "") return { reason: "is not a text, or an empty one" };
  return value.length > MAX_PAGE_NAME ? { reason: `is longer than ${MAX_PAGE_NAME} characters` } : { value };
}
