import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTimestamp } from "../../../src/streams/reading/timestamp.ts";

describe("isTimestamp", () => {
  it.each([
    "2026-01-31T10:00:00Z",
    "2024-02-29T23:59:59.999999999-12:00",
    "2025-07-14T10:20:30.123456789+02:00",
    "2026-12-31T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
  ])("takes %s", (text) => {
    expect(isTimestamp(text)).toBe(true);
  });

  it.each([
    ["a year PostgreSQL does not have", "0000-01-01T00:00:00Z"],
    ["a day that does not exist", "2026-02-29T00:00:00Z"],
    ["the 31st of April", "2026-04-31T00:00:00Z"],
    ["a thirteenth month", "2026-13-01T00:00:00Z"],
    ["24 o'clock", "2026-01-01T24:00:00Z"],
    ["a leap second", "2026-12-31T23:59:60Z"],
    ["no offset", "2026-01-01T00:00:00"],
    ["an offset beyond PostgreSQL's", "2026-01-01T00:00:00+16:00"],
    ["tenths of nanoseconds", "2026-01-01T00:00:00.1234567890Z"],
    ["a blank instead of the T", "2026-01-01 00:00:00Z"],
    ["six digits of year", "+275760-09-13T00:00:00Z"],
    ["a line break behind it", "2026-01-01T00:00:00Z\n"],
    ["infinity", "infinity"],
    ["nothing", ""],
  ])("refuses %s", (_, text) => {
    expect(isTimestamp(text)).toBe(false);
  });

  it("takes every time that JavaScript writes with four digits of year", () => {
    const years = { min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z") };
    fc.assert(
      fc.property(fc.date({ ...years, noInvalidDate: true }), (date) => isTimestamp(date.toISOString())),
    );
  });

  it("knows the days of every month, of leap years and of centuries", () => {
    const isDay = (text: string): boolean => {
      const date = new Date(`${text}T00:00:00Z`);
      return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
    };
    const two = (value: number): string => String(value).padStart(2, "0");
    for (const year of ["1900", "2000", "2023", "2024", "2100", "0004"])
      for (let month = 1; month <= 12; month += 1)
        for (let day = 1; day <= 31; day += 1) {
          const text = `${year}-${two(month)}-${two(day)}`;
          expect([text, isTimestamp(`${text}T00:00:00Z`)]).toEqual([text, isDay(text)]);
        }
  });
});
