import { describe, expect, it } from "vitest";
import * as parsers from "../../src/config/parsers.ts";

function accepts(parser: parsers.Parser<unknown>, texts: readonly string[]): string[] {
  return texts.filter((text) => "value" in parser(text));
}

describe("parsers", () => {
  it("take ports from 1 to 65535 and nothing like them", () => {
    const texts = ["1", "5432", "65535", "0", "65536", "-1", "1e3", "0x10", "5432.0", " 5432", ""];
    expect(accepts(parsers.parsePort, texts)).toEqual(["1", "5432", "65535"]);
  });

  it("take an address to listen at, on this machine alone when only the port is said", () => {
    const read = (text: string): unknown => Reflect.get(parsers.parseHttpAddress(text), "value");
    expect(read("9464")).toEqual({ host: "127.0.0.1", port: 9464 });
    expect(read("0")).toEqual({ host: "127.0.0.1", port: 0 });
    expect(read("0.0.0.0:9464")).toEqual({ host: "0.0.0.0", port: 9464 });
    expect(read("[::1]:80")).toEqual({ host: "::1", port: 80 });
    const unfit = [
      "",
      ":9464",
      "65536",
      "localhost",
      "http://a:1",
      "::1:80",
      "a:b",
      "a:-1",
      "a b:1",
      "9464/x",
    ];
    expect(accepts(parsers.parseHttpAddress, unfit)).toEqual([]);
  });

  it("take broker lists of host:port", () => {
    const fit = ["localhost:9092", "a:1, b_2:2 ,10.0.0.1:3", "[::1]:9092"];
    const unfit = ["localhost", "a:1,", "PLAINTEXT://a:1", "a:0", "a b:1", "u:p@a:1", "::1:9092"];
    expect(accepts(parsers.parseBrokers, [...fit, ...unfit])).toEqual(fit);
  });

  it("take topic names by Kafka's rule", () => {
    const fit = ["a", "postgres.activity.event_outbox", "x".repeat(249)];
    expect(accepts(parsers.parseTopic, [...fit, "", ".", "..", "a b", "ä", "a/b", "x".repeat(250)])).toEqual(
      fit,
    );
  });

  it("take hosts without scheme, port and user", () => {
    const fit = ["localhost", "db_1.example.org", "10.0.0.1", "::1", "[2001:db8::1]"];
    const unfit = ["", "a:1", "https://a", "u@a", "a,b", "/tmp", "[x]", "a b"];
    expect(accepts(parsers.parseHost, [...fit, ...unfit])).toEqual(fit);
  });

  it("take names that PostgreSQL would not cut", () => {
    const fit = ["clusterinfo", "with space", "ä".repeat(31)];
    expect(accepts(parsers.parseDatabaseWord, [...fit, "ä".repeat(32), "a\u0000b", "a\nb"])).toEqual(fit);
  });

  it("take intervals that a timer can count", () => {
    const fit = ["1s", "30s", "1h30m", "24d"];
    expect(accepts(parsers.parseInterval, [...fit, "0s", "500ms", "25d", "30", "often"])).toEqual(fit);
  });

  it("take the usual words for yes and no, in any case", () => {
    expect(["true", "TRUE", "1", "on", "false", "No", "0"].map((text) => parsers.parseBoolean(text))).toEqual(
      [true, true, true, true, false, false, false].map((value) => ({ value })),
    );
    expect(accepts(parsers.parseBoolean, ["ja", "", "2"])).toEqual([]);
  });
});
