import { describe, expect, it } from "vitest";
import { declare } from "../../../src/streams/declared/declare.ts";
import { faultLines } from "../../../src/streams/declared/faults.ts";
import { isDeclared, toStream } from "../../../src/streams/declared/stream.ts";

function faultsOf(text: string): readonly string[] {
  const declared = declare("f.yaml", text);
  return declared.kind === "faulty" ? faultLines("f.yaml", declared.faults) : [];
}

const ORDERS = `version: 1
streams:
  - name: orders
    topic: shop.orders
    tables:
      - table: orders
        columns:
          id: { type: bigint, path: $.id }
        identity: [id]
`;

describe("a file of streams", () => {
  it("needs little, and the rest has its default", () => {
    const declared = declare("f.yaml", ORDERS);
    const [stream] = declared.kind === "declared" ? declared.streams.map(toStream) : [];
    expect(stream).toMatchObject({
      name: "orders",
      group: "orders-consumer",
      topic: {
        name: "shop.orders",
        partitions: 3,
        config: { "cleanup.policy": "delete", "retention.ms": "604800000" },
      },
      target: {
        kind: "tables",
        tables: [{ table: ["public", "orders"], columns: { id: "bigint" }, identity: ["id"], again: "keep" }],
      },
      declared: { file: "f.yaml", line: 3, key: null, unmatched: "reject" },
    });
    expect(stream && isDeclared(stream)).toBe(true);
  });

  it("may be JSON, which is YAML", () => {
    const text = `{"version": 1, "streams": [{"name": "a", "topic": {"name": "t", "partitions": 1, "retention": "forever", "cleanup": "compact", "config": {"max.message.bytes": 2000000}},
      "group": "g", "key": "$.k", "unmatched": "skip", "tables": [{"table": "s.t", "again": "replace", "identity": ["k"],
      "when": {"path": "$.t", "equals": ["a", 1, true]},
      "columns": {"k": {"type": "text", "path": "$.k"}, "h": {"type": "text", "from": "header:x", "default": "-"}}}]}]}`;
    const declared = declare("f.json", text);
    expect(declared).toMatchObject({
      kind: "declared",
      streams: [
        {
          group: "g",
          key: { text: "$.k" },
          unmatched: "skip",
          topic: { partitions: 1, config: { "retention.ms": "-1", "max.message.bytes": "2000000" } },
          tables: [{ table: ["s", "t"], when: { equals: ["a", 1, true] } }],
        },
      ],
    });
  });

  it("tells everything that is wrong at once, with its place, and what was probably meant", () => {
    const text = `version: 1
streams:
  - name: Orders
    topik: shop.orders
    tables:
      - table: public.orders
        colums: {}
        columns:
          id: { type: uuidd, path: $.id }
          price: { type: "numeric(10,2)", path: price }
          n: { type: int }
        identity: [idd]
        again: overwrite
`;
    expect(faultsOf(text)).toEqual([
      "f.yaml:3:5: streams[0] has no topic",
      "f.yaml:3:11: streams[0].name is Orders; wanted is a name of small letters, digits, dots, underscores or hyphens",
      "f.yaml:4:5: streams[0] has no key topik; did you mean topic?",
      "f.yaml:7:9: streams[0].tables[0] has no key colums; did you mean columns?",
      expect.stringContaining(
        "f.yaml:9:23: streams[0].tables[0].columns.id.type is no type: uuidd; did you mean uuid? allowed are text,",
      ) as string,
      'f.yaml:10:49: streams[0].tables[0].columns.price.path is price; wanted is a path such as $.order.lines[0].price or $["a name"]',
      "f.yaml:11:14: streams[0].tables[0].columns.n has neither path nor from: where does its value come from?",
      "f.yaml:12:19: streams[0].tables[0].identity names idd, which is no column of the table",
      "f.yaml:13:16: streams[0].tables[0].again is overwrite; wanted is one of keep, replace",
    ]);
  });
});

describe("a file that is none", () => {
  it.each([
    ["an empty one", "", "1:1: is empty; wanted is a map with version and streams"],
    ["a comment", "# later\n", "1:1: is empty; wanted is a map with version and streams"],
    ["a list", "- a", "1:1: is a list; wanted is a map with version and streams"],
    ["a sentence", "hello", "1:1: is hello; wanted is a map with version and streams"],
    ["a key that stands twice", "version: 1\nversion: 1", "2:1: this key stands twice in its map"],
    [
      "two documents",
      "version: 1\n---\nversion: 1",
      "2:1: a second document begins here, and a file holds one",
    ],
    ["tabs", "a:\n\t- b", "2:1: a tab stands here, where YAML takes spaces only"],
    ["a tag", "version: !!js/function x", "1:10: is no YAML: Unresolved tag: tag:yaml.org,2002:js/function"],
    ["100,000 brackets", "[".repeat(100_000), "1:1: has values too deep in each other"],
    ["100,000 dashes", "- ".repeat(100_000), "1:1: has values too deep in each other"],
  ])("is refused: %s", (_, text, told) => {
    expect(faultsOf(text)).toEqual([`f.yaml:${told}`]);
  });

  it("takes no aliases, so that no file can grow in memory", () => {
    const bomb = "version: 1\nstreams:\n  - &a [x, x]\n  - &b [*a, *a]\n  - [*b, *b]\n";
    expect(faultsOf(bomb)[0]).toMatch(/^f\.yaml:3:8: streams\[0] is a list; wanted is a map/);
    expect(faultsOf("version: 1\nstreams: &x [*x]")[0]).toContain(
      "is an alias, and files of streams take none",
    );
  });

  it("of another version is not guessed at", () => {
    expect(faultsOf(ORDERS.replace("version: 1", "version: 2"))).toEqual([
      "f.yaml:1:10: version is the number 2; wanted is 1",
    ]);
  });
});

describe("a declaration that cannot be", () => {
  it.each([
    [
      "path: $.id",
      "path: $.id, from: key",
      "8:15: streams[0].tables[0].columns.id has both path and from; keep one of them",
    ],
    [
      "path: $.id",
      "from: keys",
      "8:37: streams[0].tables[0].columns.id.from is keys; wanted is key, timestamp, offset, partition, topic or header:NAME",
    ],
    [
      "path: $.id",
      "path: $.id, default: x",
      "8:52: streams[0].tables[0].columns.id.default does not fit; wanted is a whole number of 64 bits",
    ],
    [
      "path: $.id",
      "path: $.id, required: false",
      "8:53: streams[0].tables[0].columns.id.required is false, but a column of the identity cannot be left out",
    ],
    [
      "path: $.id",
      "path: $.id, unit: ms",
      "8:49: streams[0].tables[0].columns.id.unit is for columns of type timestamptz",
    ],
    [
      "id: {",
      "xmin: { type: text, path: $.x }\n          id: {",
      "8:17: streams[0].tables[0].columns.xmin is no name of a column; wanted is a name of at most 63 letters, digits and underscores",
    ],
    [
      "table: orders",
      "table: clusterflow.offsets",
      "6:16: streams[0].tables[0].table is in schema clusterflow, which is not for streams of your own",
    ],
    [
      "table: orders",
      'table: "o; drop table x"',
      "6:16: streams[0].tables[0].table is o; drop table x; wanted is a table or schema.table, each a name of at most 63 letters, digits and underscores",
    ],
    [
      "type: bigint",
      'type: "bigint); drop table x"',
      "8:23: streams[0].tables[0].columns.id.type is no type: bigint); drop table x; allowed are",
    ],
    [
      "name: orders",
      "name: cluster-info",
      "3:11: streams[0].name is taken: stream cluster-info is used by clusterflow itself",
    ],
    [
      "topic: shop.orders",
      "topic: shop.orders\n    group: cluster-info-consumer",
      "5:12: streams[0].group is taken: group cluster-info-consumer is used by stream cluster-info of clusterflow",
    ],
    ["identity: [id]", "identity: [id, id]", "9:19: streams[0].tables[0].identity names a column twice"],
    [
      "identity: [id]",
      "identity: []",
      "9:19: streams[0].tables[0].identity is an empty list; wanted is a list of columns that make two rows the same fact",
    ],
  ])("is refused: %s becomes %s", (from, to, told) => {
    const [fault, ...others] = faultsOf(ORDERS.replace(from, to));
    expect(fault).toContain(`f.yaml:${told}`);
    expect(others).toEqual([]);
  });

  it("has no table that another stream has", () => {
    const again = ORDERS.slice(ORDERS.indexOf("  - name")).replace("name: orders", "name: others");
    expect(faultsOf(ORDERS + again)).toEqual([
      "f.yaml:13:9: streams[1].tables[0] is taken: table public.orders is used in line 6",
    ]);
  });
});
