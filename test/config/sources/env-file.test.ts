import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Findings } from "../../../src/config/findings.ts";
import { readEnvFile } from "../../../src/config/sources/env-file.ts";
import { makeFolder } from "../make-input.ts";

function read(text: string | Buffer, mode = 0o600) {
  const folder = makeFolder();
  writeFileSync(join(folder, "x.env"), text);
  chmodSync(join(folder, "x.env"), mode);
  const findings = new Findings();
  return { file: readEnvFile(folder, "x.env", findings), findings };
}

describe("readEnvFile", () => {
  it("reads both forms of a line, behind a byte order mark and with CRLF, and knows the line numbers", () => {
    const { file, findings } = read(
      "\uFEFF# first\r\nexport KAFKA_TOPIC=a\r\n\r\n  LOG_LEVEL = 'info' # why\r\n",
    );
    expect(findings.problems).toEqual([]);
    expect(file.lines).toEqual([
      { name: "KAFKA_TOPIC", raw: "a", line: 2 },
      { name: "LOG_LEVEL", raw: "'info' # why", line: 4 },
    ]);
  });

  it("names the nearest setting and the line for a misspelt key", () => {
    const { findings } = read(
      "KAFKA_ENABLED=true\nKAFKA_BROKER=a:1\nkafka_topic=x\nSOMETHING_ELSE_ENTIRELY=1\n",
    );
    expect(findings.problems).toEqual([
      "KAFKA_BROKER in x.env:2 is not a setting of clusterflow; did you mean KAFKA_BROKERS?",
      "kafka_topic in x.env:3 is not a setting of clusterflow; did you mean KAFKA_TOPIC?",
      "SOMETHING_ELSE_ENTIRELY in x.env:4 is not a setting of clusterflow; remove the line",
    ]);
  });

  it("accepts the keys of the replaced systems that have no effect, and says so", () => {
    const { findings } = read("METRICS_PORT=8080\nCONSUMER_SERVER_ADDRESS=\nRETENTION_MAX_AGE=168h\n");
    expect(findings.problems).toEqual([]);
    expect(findings.notices[0]).toBe("METRICS_PORT in x.env:1 is not used by clusterflow");
    expect(findings.notices).toHaveLength(3);
  });

  it("refuses a line that is no setting, and one that holds two", () => {
    const { findings } = read(
      "set -a\nexport KAFKA_TOPIC\nSTREAMING_ADDRESS=:8082export KAFKA_ENABLED=false\n",
    );
    expect(findings.problems).toEqual([
      "x.env:1 is neither KEY=value nor export KEY=value",
      "x.env:2 is neither KEY=value nor export KEY=value",
      'x.env:3 holds two settings; break the line before the second "export"',
    ]);
  });

  it("does not let an open quote swallow the lines below it", () => {
    const { file } = read("DB_PASSWORD='open\nDB_HOST=h\n");
    expect(file.lines.map(({ name }) => name)).toEqual(["DB_PASSWORD", "DB_HOST"]);
  });

  it("warns of a file with a secret that others can read, and only of such a file", () => {
    expect(read("DB_PASSWORD=x\n", 0o644).findings.notices).toEqual([
      "x.env holds a secret and has mode 0644, so others can read it: chmod 600 x.env",
    ]);
    expect(read("DB_PASSWORD=x\n", 0o600).findings.notices).toEqual([]);
    expect(read("DB_HOST=x\n", 0o644).findings.notices).toEqual([]);
    expect(read("DB_PASSWORD_FILE=/run/secret\n", 0o644).findings.notices).toEqual([]);
  });

  it("says in one sentence why a file cannot be read", () => {
    const folder = makeFolder({ "file.txt": "" });
    mkdirSync(join(folder, "folder"));
    const findings = new Findings();
    expect(readEnvFile(folder, "missing.env", findings).isReadable).toBe(false);
    readEnvFile(folder, "folder", findings);
    readEnvFile(folder, "file.txt/x", findings);
    expect(findings.problems).toEqual([
      "env file missing.env does not exist",
      "env file folder is a directory",
      "env file file.txt/x lies under something that is not a directory",
    ]);
  });

  it("refuses a file that is not UTF-8 text", () => {
    expect(read(Buffer.from("KAFKA_TOPIC=a\n", "utf16le")).findings.problems).toEqual([
      "env file x.env is not UTF-8 text",
    ]);
    expect(read(Buffer.from([0x41, 0x3d, 0xff])).findings.problems).toEqual([
      "env file x.env is not UTF-8 text",
    ]);
  });
});
