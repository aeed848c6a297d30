import { expect, it } from "vitest";
import { dropDeadLetters, endVersions, forgetSnapshot } from "../../../src/pipeline/proof/statements.ts";

it("quotes whatever comes from a cluster", () => {
  expect(endVersions("c'1", [{ group: "", resource: "pods" }])).toContain("'c''1'");
  expect(
    endVersions("c", [
      { group: "", resource: "pods" },
      { group: "apps", resource: "x'y" },
    ]),
  ).toContain("IN (('', 'pods'), ('apps', 'x''y'))");
  expect(forgetSnapshot("s'")).toContain("'s'''");
  expect(dropDeadLetters({ group: "g'", topic: "t", partition: 2 }, [7n, 9n])).toMatch(
    /'g'''.*partition = 2 AND "offset" IN \(7, 9\)$/,
  );
});
