import { describe, expect, it } from "vitest";
import { appendTable, cameFrom, flawOf, messageOf } from "../../../src/pipeline/cutover/event.ts";
import { streamNamed } from "../../../src/streams/index.ts";

const clicks = streamNamed("mykart.clicks")!;
const table = appendTable(clicks);
if (typeof table === "string") throw new Error(table);
const row = (value: object, id = "public.clicks:1") => ({ id, value: JSON.stringify(value) });
const good = { click_id: 1, product_id: 7, click_timestamp: "2026-01-31T10:00:00.125+00:00" };

describe("a row as an event", () => {
  it("is known by its table and key, and keyed as the shop does it", () => {
    expect(flawOf(clicks, table, row(good))).toBeNull();
    expect(messageOf(clicks, row(good), "r")).toEqual({
      key: "product-7",
      value: JSON.stringify(good),
      headers: { "event-id": "public.clicks:1", "clusterflow-op": "r" },
    });
    const hits = streamNamed("mykart.page-hits")!;
    expect(messageOf(hits, row({ page_name: "cart" }), "c").key).toBe("page-hit");
    expect(messageOf(clicks, row({ ...good, product_id: null }), "c").key).toBe("product-null");
  });

  it("is refused with the stream's own words", () => {
    expect(flawOf(clicks, table, row({ ...good, click_timestamp: "2026-01-31T10:00:00" }))).toMatch(
      /^the field click_timestamp is not a time with its zone/,
    );
    expect(flawOf(clicks, table, row(good, `public.clicks:${"x".repeat(300)}`))).toMatch(/longer than 200/);
  });

  it("is told from what others sent, and so is a probe", () => {
    const header = (name: string, value: string) => ({ headers: [[name, Buffer.from(value)] as const] });
    expect(cameFrom("public.clicks:", header("event-id", "public.clicks:1"))).toBe(true);
    expect(cameFrom("public.clicks:", header("event-id", "public.clicks2:1"))).toBe(false);
    const probe = header("clusterflow-probe", "5f0c2a0e-0000-4000-8000-00000000c1e5/1");
    expect(cameFrom("public.clicks:", probe)).toBe(true);
    expect(cameFrom("public.clicks:", header("clusterflow-probe", "none"))).toBe(false);
    expect(cameFrom("public.clicks:", {})).toBe(false);
  });
});

describe("streams without a cut-over", () => {
  it("are those whose rows are changed, or are in several tables", () => {
    expect(appendTable(streamNamed("cluster-info")!)).toMatch(/has no tables/);
    expect(appendTable(streamNamed("quiz-events")!)).toBeTypeOf("string");
    expect(appendTable(streamNamed("debezium.mykart.orders")!)).toMatch(/does not append/);
  });
});
