import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDatabaseUrl } from "../../src/config/database-url.ts";

function partsOf(text: string) {
  const url = parseDatabaseUrl(text);
  return "parts" in url ? url.parts : url.trouble;
}

describe("parseDatabaseUrl", () => {
  it("reads every part of an address", () => {
    expect(
      partsOf("postgresql://me:s3@db.example.org:6543/store?sslmode=verify-ca&sslrootcert=%2Fca.pem"),
    ).toEqual({
      host: "db.example.org",
      port: "6543",
      name: "store",
      user: "me",
      password: "s3",
      sslmode: "verify-ca",
      sslRootCert: "/ca.pem",
    });
  });

  it("takes 5432 when the address has no port", () => {
    expect(partsOf("postgres://h/db")).toEqual({ host: "h", port: "5432", name: "db" });
    expect(partsOf("postgres://h:/db")).toEqual({ host: "h", port: "5432", name: "db" });
  });

  it("names only what is there", () => {
    expect(partsOf("postgres://")).toEqual({});
    expect(partsOf("postgres:///db")).toEqual({ name: "db" });
    expect(partsOf("postgres://me@h")).toEqual({ host: "h", port: "5432", user: "me" });
    expect(partsOf("postgres://me:@h")).toEqual({ host: "h", port: "5432", user: "me" });
  });

  it("reads an IPv6 address in brackets", () => {
    expect(partsOf("postgres://u@[2001:db8::1]:5433/db")).toMatchObject({
      host: "[2001:db8::1]",
      port: "5433",
    });
  });

  it("takes @ and # in a password as they are", () => {
    expect(partsOf("postgres://u:p@ss#1@h/db")).toMatchObject({ user: "u", password: "p@ss#1", host: "h" });
  });

  it("gives back any password that was percent-encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (password) => {
        const text = `postgres://u:${encodeURIComponent(password)}@h/db`;
        expect(partsOf(text)).toMatchObject({ password, host: "h", name: "db" });
      }),
    );
  });

  it.each([
    ["mysql://u:canary@h/db", "does not start with"],
    ["u:canary@h/db", "does not start with"],
    ["postgres://u:canary/x@h/db", "behind the first / or ?"],
    ["postgres://u:canary?x@h/db", "behind the first / or ?"],
    ["postgres://u:canary%zz@h/db", "encodes nothing"],
    ["postgres://u:canary/db", "no readable host and port"],
    ["postgres://u:1234567/db", "no readable host and port"],
    ["postgres://u:canary@a:1,b:2/db", "several hosts"],
    ["postgres://u:canary@%2Fvar%2Frun/db", "Unix socket"],
    ["postgres://u:canary@/db?host=/var/run", "Unix socket"],
    ["postgres://u:canary@h/db?host=other", "behind the //"],
    ["postgres://u:canary@:5432/db", "port and no host"],
    ["postgres://u:canary@h/a/b", "a / in the database name"],
    ["postgres://u:canary@h/db?sslmod=require", "parameter sslmod,"],
    ["postgres://u:canary@h/db?password=canary", "parameter password,"],
    ["postgres://u:canary@h/db?sslmode=disable&sslmode=require", "twice"],
  ])("refuses %s and keeps the password out of the reason", (text, trouble) => {
    const url = parseDatabaseUrl(text);
    expect("trouble" in url ? url.trouble : "").toContain(trouble);
    expect(JSON.stringify(url)).not.toMatch(/canary|1234567/);
  });

  it("reports parameters that it understands and does not use", () => {
    expect(parseDatabaseUrl("postgres://h/db?application_name=me")).toMatchObject({
      unused: ["application_name"],
    });
  });
});
