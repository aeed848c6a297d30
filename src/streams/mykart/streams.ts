import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Decoded, RecordView, Stream } from "../define.ts";
import { parseJson } from "../reading/parse-json.ts";
import { rejected } from "../reading/rejected.ts";
import { cartEvent, pageName, product, quantity, time, type Reader } from "./fields.ts";
import { eventIdOf } from "./identity.ts";

/** A column, its type, and how its value is read from the member of its name. */
type Columns = Readonly<Record<string, readonly [type: string, read: Reader]>>;

/**
 * What people do in the shop, one topic and one table each. `user_agent` and `ip` are not stored: the tables that the
 * topics took the place of never had them, and nobody counts clicks by address.
 */
export const MYKART_EVENTS: readonly Stream[] = [
  eventStream("cart-events", "cart_events", {
    product_id: ["integer", product],
    quantity: ["integer", quantity],
    event_type: ["text", cartEvent],
    event_timestamp: ["timestamptz", time],
  }),
  eventStream("clicks", "clicks", {
    product_id: ["integer", product],
    click_timestamp: ["timestamptz", time],
  }),
  eventStream("impressions", "impressions", {
    product_id: ["integer", product],
    impression_timestamp: ["timestamptz", time],
  }),
  eventStream("page-hits", "page_hits", {
    page_name: ["text", pageName],
    hit_timestamp: ["timestamptz", time],
  }),
];

function eventStream(name: string, table: string, columns: Columns): Stream {
  const types = Object.fromEntries(Object.entries(columns).map(([column, [type]]) => [column, type]));
  return {
    name: `mykart.${name}`,
    aliases: [`mykart-${name}`],
    topic: {
      name: `mykart.${name}`,
      partitions: 3,
      config: {
        "cleanup.policy": "delete",
        "retention.ms": String(7 * 24 * 3_600_000),
        "max.message.bytes": "1048588",
        "compression.type": "producer",
      },
    },
    group: `mykart-${name}-consumer`,
    target: {
      kind: "tables",
      tables: [
        {
          table: ["mykart", table],
          columns: { event_id: "text", ...types },
          identity: ["event_id"],
          again: "keep",
        },
      ],
    },
    decode: (record) => decode(record, columns),
    keyOf,
  };
}

/** As the shop does it. */
function keyOf(event: JsonObject): string {
  const product = event["product_id"];
  return product === undefined ? "page-hit" : `product-${JSON.stringify(product)}`;
}

function decode(record: RecordView, columns: Columns): Decoded {
  if (record.value === null)
    return rejected("the record has no value (a tombstone), and nothing in this topic can be deleted");
  const parsed = parseJson(record.value);
  if (parsed.kind === "rejected") return rejected(`the value ${parsed.reason}`);
  if (!isJsonObject(parsed.value)) return rejected("the value is JSON, but not an object");
  const identity = eventIdOf(record);
  if (identity.kind === "fault") return rejected(identity.reason);
  return rowOf(identity.id, parsed.value, columns);
}

function rowOf(id: string, event: JsonObject, columns: Columns): Decoded {
  const row: Record<string, string | number | null> = { event_id: id };
  for (const [column, [, readValue]] of Object.entries(columns)) {
    const read = readValue(event[column]);
    if ("reason" in read) return rejected(`the field ${column} ${read.reason}`);
    row[column] = read.value;
  }
  return { kind: "tables", tables: [[row]] };
}
