-- The shop mykart: what people do there (schema mykart), and a copy of its tables (schema mykart_cdc). Schemas of their
-- own, because the shop's own database has tables of the same names, and may be this one.

CREATE SCHEMA mykart;
CREATE SCHEMA mykart_cdc;

-- Events. No foreign keys: an event of a product that nobody has heard of is kept all the same. product_id is NULL
-- where the shop did not know it.

CREATE TABLE mykart.cart_events (
  event_id        text COLLATE "C" PRIMARY KEY,
  product_id      integer,
  quantity        integer NOT NULL,
  event_type      text NOT NULL,
  event_timestamp timestamptz NOT NULL
);
CREATE INDEX idx_cart_events_timestamp ON mykart.cart_events (event_timestamp);
CREATE INDEX idx_cart_events_product ON mykart.cart_events (product_id, event_timestamp);

CREATE TABLE mykart.clicks (
  event_id        text COLLATE "C" PRIMARY KEY,
  product_id      integer,
  click_timestamp timestamptz NOT NULL
);
CREATE INDEX idx_clicks_product ON mykart.clicks (product_id, click_timestamp);

CREATE TABLE mykart.impressions (
  event_id             text COLLATE "C" PRIMARY KEY,
  product_id           integer,
  impression_timestamp timestamptz NOT NULL
);
CREATE INDEX idx_impressions_product ON mykart.impressions (product_id, impression_timestamp);

CREATE TABLE mykart.page_hits (
  event_id      text COLLATE "C" PRIMARY KEY,
  page_name     text NOT NULL,
  hit_timestamp timestamptz NOT NULL
);
CREATE INDEX idx_page_hits_timestamp ON mykart.page_hits (hit_timestamp);

-- The shop's tables as Debezium tells them, with the source's types. Nothing but the key is NOT NULL: of a row whose
-- first event is gone from the topic, not every value is known.

CREATE TABLE mykart_cdc.products (
  product_id     integer PRIMARY KEY,
  name           text,
  description    text,
  price          numeric(10,2),
  category       text,
  brand          text,
  stock_quantity integer,
  image_url      text,
  created_at     timestamp
);
CREATE INDEX idx_products_category ON mykart_cdc.products (category);
CREATE INDEX idx_products_price ON mykart_cdc.products (price);

CREATE TABLE mykart_cdc.orders (
  order_id        integer PRIMARY KEY,
  order_timestamp timestamp,
  total_amount    numeric(10,2),
  status          text
);

CREATE TABLE mykart_cdc.order_line_items (
  line_item_id integer PRIMARY KEY,
  order_id     integer,
  product_id   integer,
  quantity     integer,
  price        numeric(10,2),
  created_at   timestamp
);
CREATE INDEX idx_order_line_items_order ON mykart_cdc.order_line_items (order_id);

-- Every product that is known, or that somebody did something with; a NULL product_id is what nobody knows.
CREATE VIEW mykart.product_analytics AS
WITH counted AS (
  SELECT product_id, 0 AS impressions, 0 AS clicks, count(*) AS cart_events,
         count(*) FILTER (WHERE event_type = 'added') AS times_added,
         count(*) FILTER (WHERE event_type = 'removed') AS times_removed
    FROM mykart.cart_events GROUP BY product_id
  UNION ALL
  SELECT product_id, 0, count(*), 0, 0, 0 FROM mykart.clicks GROUP BY product_id
  UNION ALL
  SELECT product_id, count(*), 0, 0, 0, 0 FROM mykart.impressions GROUP BY product_id
  UNION ALL
  SELECT product_id, 0, 0, 0, 0, 0 FROM mykart_cdc.products),
summed AS (
  SELECT product_id, sum(impressions)::bigint AS impressions, sum(clicks)::bigint AS clicks,
         sum(cart_events)::bigint AS cart_events, sum(times_added)::bigint AS times_added,
         sum(times_removed)::bigint AS times_removed
    FROM counted GROUP BY product_id)
SELECT s.product_id, p.name, p.category, s.impressions, s.clicks, s.cart_events, s.times_added, s.times_removed
  FROM summed s LEFT JOIN mykart_cdc.products p ON p.product_id = s.product_id;

-- For those who know the events by their old names: views, where no table of the shop has the name.
DO $$
DECLARE relation text;
BEGIN
  FOREACH relation IN ARRAY ARRAY['cart_events', 'clicks', 'impressions', 'page_hits', 'product_analytics'] LOOP
    IF to_regclass(format('public.%I', relation)) IS NULL THEN
      EXECUTE format('CREATE VIEW public.%I AS SELECT * FROM mykart.%I', relation, relation);
    END IF;
  END LOOP;
END $$;
