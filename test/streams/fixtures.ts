import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Json } from "../../src/core/json.ts";
import type { RecordView } from "../../src/streams/define.ts";

/**
 * A record in a fixture file: its value as JSON (`value`), as text (`text`) or as any bytes (`base64`); none of
 * the three is a record without a value. The key is text.
 */
interface RecordFixture {
  readonly key?: string;
  readonly value?: Json;
  readonly text?: string;
  readonly base64?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface FixtureFile {
  /** What the records show, as the title of a test. */
  readonly about: string;
  /** What the reason of a rejection must say. */
  readonly reason?: string;
  readonly records: readonly RecordFixture[];
}

export interface Fixture {
  readonly name: string;
  readonly about: string;
  readonly reason: string;
  readonly records: readonly RecordView[];
}

/** The files of a stream's folder, sorted by name. */
export function fixturesOf(stream: string, verdict: "accepted" | "rejected"): readonly Fixture[] {
  const folder = resolve(import.meta.dirname, "../fixtures", stream, verdict);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => {
      const file = JSON.parse(readFileSync(join(folder, name), "utf8")) as FixtureFile;
      return { name, about: file.about, reason: file.reason ?? "", records: file.records.map(recordOf) };
    });
}

/** As if the file were a partition of its own. */
function recordOf(fixture: RecordFixture, index: number): RecordView {
  const key = fixture.key === undefined ? null : Buffer.from(fixture.key);
  const headers = Object.entries(fixture.headers ?? {}).map(
    ([name, value]) => [name, Buffer.from(value)] as const,
  );
  const place = { topic: "fixtures", partition: 0, offset: BigInt(index), headers };
  return { key, value: bytesOf(fixture), timestamp: 1_767_225_600_000, ...place };
}

function bytesOf({ value, text, base64 }: RecordFixture): Buffer | null {
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  if (text !== undefined) return Buffer.from(text);
  return value === undefined ? null : Buffer.from(JSON.stringify(value));
}
