import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadConsumerSettings } from "../../src/config/consumer.ts";
import { loadDatabaseSettings } from "../../src/config/database.ts";
import { explainSettings } from "../../src/config/explain.ts";
import { openSources } from "../../src/config/sources.ts";
import { loadStreamChoice } from "../../src/config/streams.ts";
import { makeInput, thrownBy } from "./make-input.ts";

const FILE = "KAFKA_ENABLED=true\nCLUSTERFLOW_STREAM=orders\nDATABASE_URL=postgresql://u:p@h/d\nOOPS=1\n";

it("are read once, whoever asks for what: a file may be a pipe", () => {
  const input = makeInput({ files: { f: FILE.replace("OOPS=1\n", "") }, envFiles: ["f"] });
  const sources = openSources(input, "consumer");
  rmSync(join(input.directory, "f"));
  expect(loadStreamChoice(sources)).toEqual({ stream: "orders", isSaid: true, file: null });
  expect(loadConsumerSettings(sources).settings).toMatchObject({ database: { host: "h" } });
  expect(loadDatabaseSettings(sources).settings).toMatchObject({ host: "h", database: "d" });
  expect(explainSettings(sources, "consumer").problems).toEqual([]);
});

it("are told of by each who reads them, and nothing of one reading is told by the next", () => {
  const sources = openSources(makeInput({ files: { f: FILE }, envFiles: ["f"] }), "consumer");
  const [problem] = explainSettings(sources, "consumer").problems;
  expect(problem).toContain("OOPS in f:4");
  expect(thrownBy(() => loadConsumerSettings(sources)).message).toBe(problem);
  const flagged = openSources(makeInput({ flags: { dbPort: "x" } }), "database");
  expect(explainSettings(flagged, "database").problems).toHaveLength(3);
  expect(thrownBy(() => loadDatabaseSettings(flagged)).message).toMatch(/^3 settings problems/);
  expect(loadStreamChoice(flagged).stream).toBe("cluster-info");
});

it("are those of another role where no file is named and that role has a file of its own", () => {
  const files = {
    "env/.env.hybrid": "DATABASE_URL=postgresql://u:p@collector/d\n",
    "env/.env.hybrid-consumer": "DATABASE_URL=postgresql://u:p@consumer/d\n",
  };
  const sources = openSources(makeInput({ files }), "consumer");
  expect(loadConsumerSettings(sources).settings.database.host).toBe("consumer");
  expect(loadDatabaseSettings(sources).settings.host).toBe("collector");
});
