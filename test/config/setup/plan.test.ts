import { describe, expect, it } from "vitest";
import { renderFile, setupFiles } from "../../../src/config/setup/files.ts";
import { maskLine, planFiles } from "../../../src/config/setup/plan.ts";
import { makeFolder, thrownBy } from "../make-input.ts";
import type { Answers } from "../../../src/config/setup/answers.ts";
import { CANARY, collector, database, hybrid, kafka, legacy } from "./answers-of.ts";

const otherTopic: Answers = {
  ...{ mode: "hybrid-kafka", collector, database, cluster: null },
  kafka: { ...kafka, topic: "other" },
};

describe("planFiles", () => {
  it("creates what is not there and keeps what is the same", () => {
    const [collector, consumer] = setupFiles(hybrid).map(renderFile);
    const folder = makeFolder({ "env/.env.hybrid": collector ?? "" });
    expect(planFiles(folder, "env", setupFiles(hybrid)).map(({ path, change }) => [path, change])).toEqual([
      ["env/.env.hybrid", "keep"],
      ["env/.env.hybrid-consumer", "create"],
    ]);
    expect(consumer).toContain(CANARY);
  });

  it("shows what would change without a secret of either side", () => {
    const folder = makeFolder({
      "env/.env.hybrid": `export KAFKA_ENABLED=true\nDB_PASSWORD=old-${CANARY}\nSOMEBODYS_TOKEN=${CANARY}\n${CANARY}\n`,
    });
    const [file] = planFiles(folder, "env", setupFiles(legacy));
    expect(file?.change).toBe("replace");
    expect(file?.difference.slice(0, 4)).toEqual([
      "- export KAFKA_ENABLED=true",
      "- DB_PASSWORD=***",
      "- SOMEBODYS_TOKEN=***",
      "- ***",
    ]);
    expect(file?.difference).toContain("+ export DB_PASSWORD=***");
    expect(file?.difference.join("\n")).not.toContain(CANARY);
  });

  it("tells what a setup wrote from what a person has edited, comments included", () => {
    const [consumer] = setupFiles(hybrid).slice(1).map(renderFile);
    const own = consumer ?? "";
    const isEdited = (text: string): boolean | undefined =>
      planFiles(makeFolder({ "env/.env.hybrid-consumer": text }), "env", setupFiles(otherTopic))[1]?.isEdited;
    expect(isEdited(own)).toBe(false);
    for (const edited of [`${own}# mine\n`, own.replace("info", "debug"), own.slice(own.indexOf("\n") + 1)])
      expect(isEdited(edited)).toBe(true);
    const folder = makeFolder({ "env/.env.hybrid-consumer": `# ${CANARY}\n#LOG_LEVEL=debug\n${own}` });
    const [, file] = planFiles(folder, "env", setupFiles(hybrid));
    expect(file?.difference).toEqual(["- # ***", "- # LOG_LEVEL=debug"]);
  });

  it("puts a consumer's file aside when there is nothing left to consume", () => {
    const folder = makeFolder({ "env/.env.hybrid-consumer": "KAFKA_ENABLED=true\n" });
    expect(planFiles(folder, "env", setupFiles(legacy)).map(({ path, change }) => [path, change])).toEqual([
      ["env/.env.hybrid", "create"],
      ["env/.env.hybrid-consumer", "retire"],
    ]);
    expect(planFiles(folder, "env", setupFiles(hybrid)).map(({ change }) => change)).toEqual([
      "create",
      "replace",
    ]);
  });

  it("refuses a folder that is a file, and a file that is a folder", () => {
    const folder = makeFolder({ env: "", "out/.env.hybrid/x": "" });
    expect(thrownBy(() => planFiles(folder, "env", setupFiles(legacy))).message).toBe(
      "env is there and is not a directory",
    );
    expect(thrownBy(() => planFiles(folder, "out", setupFiles(legacy))).message).toBe(
      "out/.env.hybrid is a directory",
    );
  });
});

describe("maskLine", () => {
  it("shows values of settings that are no secret, without the user of an address", () => {
    expect(maskLine("export DB_HOST=localhost")).toBe("export DB_HOST=localhost");
    expect(maskLine(`KAFKA_BROKERS=u:${CANARY}@h:1`)).toBe("KAFKA_BROKERS=***@h:1");
    expect(maskLine("DB_PASSWORD_FILE=/run/x")).toBe("DB_PASSWORD_FILE=/run/x");
    expect(maskLine(`DATABASE_URL=postgres://u:${CANARY}@h`)).toBe("DATABASE_URL=***");
  });
});
