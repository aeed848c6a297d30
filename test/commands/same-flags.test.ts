import { describe, expect, it } from "vitest";
import { withSameFlags } from "../../src/commands/same-flags.ts";

const both = "clusterflow collect --topic t && clusterflow consume --until-end --topic t";

describe("the next command", () => {
  it("has the flags that say which database, where it takes them", () => {
    expect(withSameFlags(both, { dbName: "ue", dbHost: "it's" }, "hybrid-kafka")).toBe(
      "clusterflow collect --topic t && clusterflow consume --db-host 'it'\\''s' --db-name ue --until-end --topic t",
    );
    expect(withSameFlags("clusterflow collect", { dbName: "ue" }, "legacy")).toBe(
      "clusterflow collect --db-name ue",
    );
  });

  it("has the brokers wherever Kafka takes part", () => {
    expect(withSameFlags(both, { brokers: "k:1" }, "hybrid-kafka")).toBe(
      "clusterflow collect --brokers k:1 --topic t && clusterflow consume --brokers k:1 --until-end --topic t",
    );
    expect(withSameFlags("clusterflow collect", { brokers: "k:1" }, "legacy")).toBe("clusterflow collect");
  });

  it("does not repeat what it names otherwise, and is the same without flags", () => {
    const refill = "clusterflow consume --until-end --db-name AN-EMPTY-DATABASE";
    expect(withSameFlags(refill, { dbName: "ue" }, "hybrid-kafka")).toBe(refill);
    expect(withSameFlags(both, { output: "json" }, "hybrid-kafka")).toBe(both);
  });
});
