import { copyOf } from "../debezium/stream.ts";
import type { Stream } from "../define.ts";

/**
 * The shop's own tables as Debezium sends them. The shop's guide leaves the schema out of a topic's name, the connector
 * does not: `debezium.mykart.public.products` is the other name.
 */
export const MYKART_COPIES: readonly Stream[] = [
  copy("products", "product_id", {
    product_id: "integer",
    name: "text",
    description: "text",
    price: "numeric(10,2)",
    category: "text",
    brand: "text",
    stock_quantity: "integer",
    image_url: "text",
    created_at: "timestamp",
  }),
  copy("orders", "order_id", {
    order_id: "integer",
    order_timestamp: "timestamp",
    total_amount: "numeric(10,2)",
    status: "text",
  }),
  copy("order_line_items", "line_item_id", {
    line_item_id: "integer",
    order_id: "integer",
    product_id: "integer",
    quantity: "integer",
    price: "numeric(10,2)",
    created_at: "timestamp",
  }),
];

function copy(table: string, key: string, columns: Readonly<Record<string, string>>): Stream {
  return copyOf({
    name: `debezium.mykart.${table}`,
    aliases: [`debezium.mykart.public.${table}`],
    group: `mykart-cdc-${table.replaceAll("_", "-")}-consumer`,
    table: ["mykart_cdc", table],
    columns,
    key: [key],
  });
}
