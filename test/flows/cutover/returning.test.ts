import { expect, it } from "vitest";
import { sortReturning } from "../../../src/flows/cutover/returning.ts";
import { appendTable } from "../../../src/pipeline/cutover/event.ts";
import { streamNamed } from "../../../src/streams/index.ts";

const stream = streamNamed("mykart.cart-events")!;
const table = appendTable(stream);
if (typeof table === "string") throw new Error(table);

const record = (value: string | null, id?: string) => ({
  ...{ topic: "t", partition: 0, offset: 4n, timestamp: 0, key: null },
  value: value === null ? null : Buffer.from(value),
  headers: id === undefined ? [] : [["event-id", Buffer.from(id)] as const],
});
const event = { product_id: 1, event_type: "added", event_timestamp: "2026-01-31T10:00:00Z" };

it("what came from the table is left alone, what the stream makes of an event goes with it, the rest is told", () => {
  const { events, leftOver } = sortReturning(stream, table, "public.cart_events:", [
    record(JSON.stringify(event), "public.cart_events:5"),
    record(JSON.stringify({ ...event, quantity: null }), "app-1"),
    record(JSON.stringify(event)),
    record("[]", "app-2"),
    record(null),
  ]);
  expect(events.map(({ id, made }) => [id.split("/")[0], JSON.parse(made) as unknown])).toEqual([
    ["app-1", { quantity: 1 }],
    ["t", { quantity: 1 }],
  ]);
  expect(leftOver.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("not an object"),
    expect.stringContaining("tombstone"),
  ]);
});
