import { describe, expect, it } from "vitest";
import { setupFiles } from "../../../src/config/setup/files.ts";
import { planFiles } from "../../../src/config/setup/plan.ts";
import { nextCommands, previewOf } from "../../../src/config/setup/preview.ts";
import { makeFolder } from "../make-input.ts";
import { CANARY, hybrid } from "./answers-of.ts";

describe("previewOf", () => {
  it("shows a new file whole, a changed one by its changes, and no secret", () => {
    const folder = makeFolder({ "env/.env.hybrid": "KAFKA_ENABLED=true\n" });
    const files = setupFiles(hybrid);
    const preview = previewOf(planFiles(folder, "env", files), files);
    expect(preview).toContain(
      "env/.env.hybrid (there already, edited by hand; what changes)\n  - KAFKA_ENABLED=true\n  + export KAFKA",
    );
    expect(preview).toContain("env/.env.hybrid-consumer (new)\n  export KAFKA_ENABLED=true");
    expect(preview).toContain("  export DATABASE_PASSWORD=***");
    expect(preview).not.toContain(CANARY);
  });
});

describe("nextCommands", () => {
  it("are short where the files lie where they are looked for", () => {
    expect(nextCommands("hybrid-kafka", "/w", { outDir: "./env/" })).toEqual([
      "clusterflow collect",
      "clusterflow consume --until-end",
      "clusterflow verify",
    ]);
    expect(nextCommands("legacy", "/w", { outDir: "env" })).toEqual([
      "clusterflow collect",
      "clusterflow verify",
    ]);
  });

  it("name the files that lie elsewhere", () => {
    expect(nextCommands("hybrid-kafka", "/w", { outDir: "my files" })).toEqual([
      "clusterflow collect -f 'my files/.env.hybrid'",
      "clusterflow consume --until-end -f 'my files/.env.hybrid-consumer'",
      "clusterflow verify -f 'my files/.env.hybrid-consumer'",
    ]);
  });

  it("tell after an end-to-end run how its servers are stopped", () => {
    expect(nextCommands("e2e", "/w", { outDir: "env", dataDir: "/my data" })).toEqual([
      "clusterflow local status --data-dir '/my data'",
      "clusterflow local stop --data-dir '/my data'",
    ]);
    expect(nextCommands("e2e", "/w", { outDir: "env" })[1]).toBe("clusterflow local stop");
  });
});
