import { describe, expect, it } from "vitest";
import { decodeValue } from "../../../src/config/sources/env-value.ts";

describe("decodeValue", () => {
  it.each([
    ["plain", "plain"],
    ["", ""],
    ["x=y=z", "x=y=z"],
    ["text # a comment", "text"],
    ["'a#b'", "a#b"],
    ["'a#b' # comment", "a#b"],
    ["'with \" and $HOME and \\n'", 'with " and $HOME and \\n'],
    ['"two words"', "two words"],
    ['"it\'s"', "it's"],
    ["'ends with \\'", "ends with \\"],
    ["'it'\\''s'", "it's"],
    ["'#'\\''$`\"'", "#'$`\""],
    ["'last'\\'''", "last'"],
    ["pa$word", "pa$word"],
    [
      "postgres://u:p%23@h/db?sslmode=disable&application_name=x",
      "postgres://u:p%23@h/db?sslmode=disable&application_name=x",
    ],
  ])("reads %s", (raw, text) => {
    expect(decodeValue(raw)).toEqual({ text });
  });

  it.each([
    ["a#b", "outside quotes"],
    ["'open", "single quote"],
    ["'a'b", "single quote"],
    ['"open', "double quote"],
    ['"with \\" inside"', "single quotes instead"],
    ["`date`", "backtick"],
    ["${HOST}", "another variable"],
    ['"$(cat /etc/secret)"', "another variable"],
  ])("refuses %s rather than hand on what nobody wrote", (raw, trouble) => {
    const reading = decodeValue(raw);
    expect("trouble" in reading ? reading.trouble : "").toContain(trouble);
  });

  it("keeps the value out of its reasons", () => {
    for (const raw of ["canary#x", "'canary", '"canary', '"canary\\""', "`canary`", "${canary}"]) {
      const reading = decodeValue(raw);
      expect(reading).toHaveProperty("trouble");
      expect(JSON.stringify(reading)).not.toContain("canary");
    }
  });
});
