import parse from "parse-prometheus-text-format";
import { describe, expect, it } from "vitest";
import { exposition } from "../../src/http/exposition.ts";

describe("exposition", () => {
  it("is read back by a parser that is not ours, whatever stands in a label", () => {
    const nasty = 'a "quoted" \\ back\\n\nline, {b="c"} # é';
    const text = exposition([
      {
        name: "x_total",
        help: "Help\nwith \\ two lines.",
        type: "counter",
        samples: [{ labels: { nasty }, value: 3 }],
      },
      {
        name: "y",
        help: "Y.",
        type: "gauge",
        samples: [{ value: 0.25 }, { labels: { a: 1, b: 2 }, value: 1e21 }],
      },
    ]);
    expect(parse(text)).toEqual([
      {
        name: "x_total",
        help: "Help\nwith \\ two lines.",
        type: "COUNTER",
        metrics: [{ labels: { nasty }, value: "3" }],
      },
      {
        name: "y",
        help: "Y.",
        type: "GAUGE",
        metrics: [{ value: "0.25" }, { labels: { a: "1", b: "2" }, value: "1e+21" }],
      },
    ]);
  });

  it("writes what is no number as Prometheus does, and ends in a line break", () => {
    const samples = [NaN, Infinity, -Infinity].map((value) => ({ value }));
    expect(exposition([{ name: "z", help: "Z.", type: "gauge", samples }])).toBe(
      "# HELP z Z.\n# TYPE z gauge\nz NaN\nz +Inf\nz -Inf\n",
    );
  });
});
