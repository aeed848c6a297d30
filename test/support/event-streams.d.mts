import type { Stream } from "../../src/streams/define.ts";

export interface Event {
  readonly id: number;
  readonly user_id: string;
  readonly kind: string;
  readonly amount: number;
  readonly at: string;
  readonly note: string;
}

export const STREAMS: Readonly<Record<string, Stream>>;
export const TABLES: Readonly<Record<string, string>>;
export function eventOf(n: number): Event;
