import { expect, it } from "vitest";
import { declare } from "../../src/streams/declared/declare.ts";
import { streamNamed } from "../../src/streams/index.ts";

it.each(["mykart-cart-events", "mykart-clicks", "mykart-impressions", "mykart-page-hits"])(
  "%s is the stream with dots, and the topic of that name",
  (alias) => {
    const stream = streamNamed(alias)!;
    const own = streamNamed(alias.replace("-", "."))!;
    expect(stream.topic.name).toBe(alias);
    expect({ ...stream, topic: own.topic }).toEqual(own);
  },
);

it("is not free for a stream that a file declares", () => {
  const declared = declare(
    "f.yaml",
    "version: 1\nstreams:\n  - name: mykart-clicks\n    topic: t\n    tables: []",
  );
  expect(JSON.stringify(declared)).toContain("stream mykart-clicks is used by clusterflow itself");
});
