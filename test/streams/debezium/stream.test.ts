import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { CHANGE } from "../../../src/streams/define.ts";
import { recorded, recordOf, RECORDINGS, streamOf, TABLE_NAMES, type Recording } from "./recorded.ts";

/** The changes that a recorded table's messages are read as; a refusal is a text. */
function changesOf(recording: Recording, table: string): readonly (JsonObject | string)[] {
  const stream = streamOf(table);
  return recorded(recording, table).flatMap((line): readonly (JsonObject | string)[] => {
    const decoded = stream.decode(recordOf(line));
    if (decoded.kind === "rejected") return [decoded.reason];
    return decoded.kind === "tables" ? decoded.tables.flat() : [];
  });
}

/** The row with a label, as it was streamed. */
function streamed(recording: Recording, label: string): JsonObject {
  const rows = changesOf(recording, "types_all").filter((row) => typeof row !== "string");
  return rows.find((row) => row["label"] === `strm: ${label}`)!;
}

describe("every recorded message", () => {
  it.each(RECORDINGS)("of %s is read, but days beyond the calendar or infinite", (recording) => {
    const refused = TABLE_NAMES.flatMap((table) =>
      changesOf(recording, table).filter((change) => typeof change === "string"),
    );
    const isNumber = recording === "default" || recording === "strings";
    const columns = isNumber ? [...Array<string>(6).fill("c_date"), "c_ts3", "c_ts3"] : [];
    const reasons = columns.map(
      (column) => `the column ${column} has a value that its type cannot be read from`,
    );
    expect(refused.sort()).toEqual(reasons);
  });

  it("says the same with its schema", () => {
    for (const table of TABLE_NAMES) {
      const plain = changesOf("default", table);
      const isTruncate = (one: JsonObject | string): boolean =>
        typeof one !== "string" && one[CHANGE] === "truncate";
      for (const change of changesOf("schemas", table).filter((one) => !isTruncate(one)))
        expect(plain).toContainEqual(change);
    }
  });
});

describe("a value", () => {
  const EXACT: readonly Recording[] = ["default", "strings"];
  it.each(EXACT)("of numeric is exact (%s)", (recording) => {
    expect(streamed(recording, "num10_2 zero")["c_num10_2"]).toBe("0.00");
    expect(streamed(recording, "num10_2 neg")["c_num10_2"]).toBe("-0.01");
    expect(streamed(recording, "num10_2 -1.28")["c_num10_2"]).toBe("-1.28");
    expect(streamed(recording, "num10_2 max")["c_num10_2"]).toBe("99999999.99");
    expect(streamed(recording, "num neg")["c_num"]).toBe("-123456789.123456789");
    expect(streamed(recording, "num 1e40")["c_num"]).toBe(`1${"0".repeat(40)}`);
    expect(streamed(recording, "num huge frac")["c_num"]).toBe(`${"9".repeat(100)}.${"1".repeat(100)}`);
  });

  it("of numeric is what is left of it where the connector sends doubles", () => {
    expect(streamed("doubles", "num10_2 max")["c_num10_2"]).toBe("99999999.99");
    expect(streamed("doubles", "num neg")["c_num"]).toBe("-123456789.12345679");
    expect(streamed("doubles", "num NaN")["c_num"]).toBe("NaN");
    expect(streamed("strings", "num NaN")["c_num"]).toBe("NaN");
  });

  it.each(["default", "doubles"] as const)(
    "of time keeps its microseconds, in any year (%s)",
    (recording) => {
      const time = (label: string): unknown =>
        (streamed(recording, label)["c_ts"] as string).replace(/\.0+(?= BC|$)/, "");
      expect(time("ordinary")).toBe("2024-02-29T13:14:15.123456");
      expect(time("ts pre")).toBe("1969-12-31T23:59:59.999999");
      expect(time("ts 9999")).toBe("9999-12-31T23:59:59.999999");
      expect(time("ts 10000")).toBe("10000-01-01T00:00:00");
      expect(time("ts BC")).toBe("0044-03-15T12:00:00 BC");
    },
  );

  it("of time may be infinite, or in milliseconds", () => {
    expect(streamed("default", "ts inf")["c_ts"]).toBe("infinity");
    expect(streamed("default", "ts -inf")["c_ts3"]).toBe("-infinity");
    expect(streamed("default", "ts 9999")["c_ts3"]).toBe("9999-12-31T23:59:59.999000");
    expect(streamed("strings", "ordinary")["c_ts"]).toBe("2024-02-29T13:14:15.123000");
    expect(streamed("default", "tstz BC")["c_tstz"]).toBe("0044-03-15T12:00:00.000000Z BC");
    expect(streamed("default", "date 10000")["c_date"]).toBe("10000-01-01");
  });

  it.each(["default", "strings", "doubles"] as const)("of other types is what it was (%s)", (recording) => {
    expect(streamed(recording, "int max")["c_int8"]).toBe("9223372036854775807");
    expect(streamed(recording, "ordinary")).toMatchObject({
      ...{ c_bool: true, c_enum: "so happy", c_text: 'hello "w\\orld" é 漢 😀' },
      ...{ c_json: '{"a": 1,  "b":[1,2.50, null], "a":2}', a_int8: ["1", "9007199254740993"] },
      a_text: ["a", "b c", "NULL", null, 'q"x', "é"],
    });
  });
});

describe("a change", () => {
  it("of a key is a delete and a row", () => {
    expect(changesOf("default", "ri_default").slice(4, 6)).toEqual([
      { id: "1", [CHANGE]: "delete" },
      { id: "10", a: "uno", b: "1" },
    ]);
  });

  it.each(["default", "strings", "doubles"] as const)(
    "leaves alone what lies out of line (%s)",
    (recording) => {
      const [, first, second] = changesOf(recording, "toast_default");
      // a connector that should send base64 sends null for bytes out of line
      const bytes = recording === "strings" ? { b: null } : {};
      expect(first).toEqual({ id: "1", n: "2", ...bytes });
      expect(second).toEqual({ id: "1", n: "2", t: "short now", ...bytes });
    },
  );

  it("may be a truncate", () => {
    expect(changesOf("strings", "trunc_a").map((change) => (change as JsonObject)[CHANGE])).toEqual([
      undefined,
      "truncate",
      undefined,
    ]);
  });
});
