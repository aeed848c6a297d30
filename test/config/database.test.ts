import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultSslMode, loadDatabaseSettings } from "../../src/config/database.ts";
import { makeFolder, makeInput, thrownBy } from "./make-input.ts";

const CANARY = "canary-9c1e";
const names = { DB_NAME: "n", DB_USER: "u" };

function load(environment: Record<string, string>, flags: Record<string, string> = {}) {
  return loadDatabaseSettings(makeInput({ environment, flags }));
}

describe("loadDatabaseSettings", () => {
  it("lists everything that is missing at once and never takes the user postgres for granted", () => {
    const error = thrownBy(() => load({}));
    expect(error.code).toBe("usage");
    expect(error.message).toContain("no database name is given: set DATABASE_NAME");
    expect(error.message).toContain("no database user is given: set DATABASE_USER");
  });

  it("takes localhost:5432 and no password when only name and user are given", () => {
    expect(load(names).settings).toEqual({
      host: "localhost",
      port: 5432,
      database: "n",
      user: "u",
      password: null,
      sslmode: "prefer",
      sslRootCert: null,
    });
  });

  it("prepares statements unless a pooler is in the way", () => {
    const asked = (text: string) => load({ ...names, DATABASE_PREPARED_STATEMENTS: text });
    expect(asked("true").settings).not.toHaveProperty("prepared");
    expect(asked("false").settings).toMatchObject({ prepared: false });
    expect(thrownBy(() => asked("maybe"))).toMatchObject({ code: "usage" });
  });

  it("finds the file that holds the database: the collector's in legacy mode, else the consumer's", () => {
    const legacy = "KAFKA_ENABLED=false\nDB_NAME=from-collector\nDB_USER=u\n";
    const consumer = "KAFKA_ENABLED=true\nDB_NAME=from-consumer\nDB_USER=u\n";
    const nameIn = (files: Record<string, string>) =>
      loadDatabaseSettings(makeInput({ files })).settings.database;
    expect(nameIn({ "env/.env.hybrid": "KAFKA_ENABLED=true\n", "env/.env.hybrid-consumer": consumer })).toBe(
      "from-consumer",
    );
    expect(nameIn({ "env/.env.hybrid": legacy, "env/.env.hybrid-consumer": consumer })).toBe(
      "from-collector",
    );
  });

  it("validates what it reads", () => {
    const error = thrownBy(() =>
      load({ ...names, DB_HOST: "h:5432", DB_PORT: "70000", DB_SSLMODE: "requir" }),
    );
    expect(error.message).toContain('DB_HOST in the environment is "h:5432"; wanted is a host name');
    expect(error.message).toContain(
      'DB_PORT in the environment is "70000"; wanted is a port from 1 to 65535',
    );
  });

  it("refuses several hosts and Unix sockets with a sentence", () => {
    expect(thrownBy(() => load({ ...names, DB_HOST: "a,b" })).message).toContain(
      "several at once are not supported",
    );
    expect(thrownBy(() => load({ ...names, DB_HOST: "/tmp" })).message).toContain(
      "Unix sockets are not supported",
    );
  });
});

describe("a database address", () => {
  it("agrees or disagrees with the single settings beside it like two spellings", () => {
    const DATABASE_URL = `postgres://u:${CANARY}@h:6000/n`;
    expect(load({ DATABASE_URL, DB_HOST: "h", DB_PASSWORD: CANARY }).settings.host).toBe("h");
    const error = thrownBy(() => load({ DATABASE_URL, DB_HOST: "other", DB_PASSWORD: "another" }));
    expect(error.message).toContain(
      "the host of DATABASE_URL in the environment and DB_HOST in the environment disagree;",
    );
    expect(error.message).toContain(
      "the password of DATABASE_URL in the environment and DB_PASSWORD in the environment disagree;",
    );
    expect(error.message).not.toContain(CANARY);
    expect(error.message).not.toContain("another");
  });

  it("yields to a flag piece by piece", () => {
    const { settings } = load(
      { DATABASE_URL: `postgres://u:${CANARY}@h:6000/n` },
      { dbHost: "localhost", dbPort: "7000" },
    );
    expect(settings).toMatchObject({ host: "localhost", port: 7000, user: "u", password: CANARY });
  });

  it("hides the addresses of lower sources whole, so that no password travels to another host", () => {
    const files = { f: `DATABASE_URL=postgres://u:${CANARY}@old/n\n` };
    const environment = { DATABASE_URL: "postgres://u@new/n" };
    const { settings } = loadDatabaseSettings(makeInput({ files, envFiles: ["f"], environment }));
    expect(settings).toMatchObject({ host: "new", password: null });
  });

  it("does not show a piece that does not fit, since it may be a displaced password", () => {
    const error = thrownBy(() => load({ DATABASE_URL: "postgres://u:99999/n", DB_USER: "u" }));
    expect(error.message).toContain(
      "the port of DATABASE_URL in the environment is not fit; wanted is a port",
    );
    expect(error.message).not.toContain("99999");
  });

  it("reads an IPv6 host without its brackets", () => {
    expect(load({ DATABASE_URL: "postgres://u@[::1]/n" }).settings.host).toBe("::1");
  });

  it("may lie in a file", () => {
    const directory = makeFolder({ url: `postgres://u:${CANARY}@h/n?sslmode=require\n` });
    const input = { ...makeInput({ environment: { DATABASE_URL_FILE: "url" } }), directory };
    expect(loadDatabaseSettings(input).settings).toMatchObject({ password: CANARY, sslmode: "require" });
    const both = { ...input, environment: { DATABASE_URL_FILE: "url", DATABASE_URL: "postgres://u@h/n" } };
    expect(thrownBy(() => loadDatabaseSettings(both)).message).toContain("are both set; keep one of them");
  });
});

describe("a password in a file", () => {
  it("is read without its last line break, from the variable or from the flag", () => {
    const directory = makeFolder({ secret: `${CANARY}\n` });
    const input = makeInput({ environment: { ...names, DB_PASSWORD_FILE: "secret" } });
    expect(loadDatabaseSettings({ ...input, directory }).settings.password).toBe(CANARY);
    const flagged = { ...input, directory, environment: names, flags: { dbPasswordFile: "secret" } };
    expect(loadDatabaseSettings(flagged).settings.password).toBe(CANARY);
  });

  it("that others can read is told of, like an env file", () => {
    const directory = makeFolder({ secret: CANARY });
    chmodSync(join(directory, "secret"), 0o604);
    const input = { ...makeInput({ environment: { ...names, DB_PASSWORD_FILE: "secret" } }), directory };
    const [notice] = loadDatabaseSettings(input).notices;
    expect(notice).toContain("DB_PASSWORD_FILE in the environment names secret, which has mode 0604");
  });

  it("beside a plain one is an error", () => {
    const error = thrownBy(() => load({ ...names, DB_PASSWORD: CANARY, DATABASE_PASSWORD_FILE: "/run/x" }));
    expect(error.message).not.toContain(CANARY);
    expect(error.message).toContain("DATABASE_PASSWORD_FILE in the environment");
  });

  it("that cannot be had is an error with a sentence", () => {
    const error = thrownBy(() => load({ ...names, DB_PASSWORD_FILE: "/nonexistent/x" }));
    expect(error.message).toBe(
      "DB_PASSWORD_FILE in the environment names /nonexistent/x, which does not exist",
    );
  });

  it("that a higher source makes needless is not opened", () => {
    const files = { f: "DB_PASSWORD_FILE=/nonexistent/x\n" };
    const environment = { ...names, DB_PASSWORD: "x" };
    expect(loadDatabaseSettings(makeInput({ files, envFiles: ["f"], environment })).settings.password).toBe(
      "x",
    );
  });
});

describe("libpq's own variables", () => {
  it("count less than any env file, and more than the defaults", () => {
    const files = { f: "DB_HOST=from-file\nDB_NAME=n\nDB_SSLMODE=verify-full\n" };
    const environment = { PGHOST: "from-pg", PGUSER: "from-pg", PGDATABASE: "from-pg" };
    const { settings } = loadDatabaseSettings(makeInput({ files, envFiles: ["f"], environment }));
    expect(settings).toMatchObject({ host: "from-file", database: "n", user: "from-pg" });
  });

  it("that clusterflow does not honour are named", () => {
    expect(load({ ...names, PGSERVICE: "x", PGSSLSNI: "1" }).notices).toEqual([
      "PGSERVICE, PGSSLSNI in the environment: not used by clusterflow",
    ]);
  });
});

describe("libpq's variables for a protection that clusterflow does not have", () => {
  it.each([
    ["PGSSLCRL", "/crl.pem"],
    ["PGSSLCRLDIR", "/crl"],
    ["PGREQUIRESSL", "1"],
    ["PGREQUIREAUTH", "scram-sha-256"],
    ["PGCHANNELBINDING", "require"],
    ["PGSSLCERTMODE", "require"],
    ["PGSSLMINPROTOCOLVERSION", "TLSv1.3"],
  ])("are refused: %s=%s", (name, value) => {
    const error = thrownBy(() => load({ ...names, [name]: value }));
    expect(error.message).toBe(
      `${name} in the environment asks for a protection that clusterflow does not have`,
    );
    expect(error.hint).toContain(`unset ${name}`);
  });

  it("are taken where they ask for none", () => {
    const environment = { ...names, PGCHANNELBINDING: "prefer", PGREQUIRESSL: "0", PGSSLCRL: "" };
    expect(load(environment).notices).toEqual([]);
  });
});

describe("a client certificate", () => {
  const files = { "c.pem": "", "k.pem": "" };
  const input = (environment: Record<string, string>) => ({
    ...makeInput({ environment: { ...names, ...environment } }),
    directory: makeFolder(files),
  });

  it("comes with its key, from settings, from libpq's variables or in a database address", () => {
    const secret = { DATABASE_SSLPASSWORD: CANARY };
    for (const environment of [
      { DATABASE_SSLCERT: "c.pem", DATABASE_SSLKEY: "k.pem", ...secret },
      { PGSSLCERT: "c.pem", PGSSLKEY: "k.pem", ...secret },
      { DATABASE_URL: `postgres://u@localhost/n?sslcert=c.pem&sslkey=k.pem&sslpassword=${CANARY}` },
    ]) {
      const given = input(environment);
      const place = (name: string): string => join(given.directory, name);
      expect(loadDatabaseSettings(given).settings.sslClient).toEqual({
        certFile: place("c.pem"),
        keyFile: place("k.pem"),
        keyPassword: CANARY,
      });
    }
  });

  it.each([
    [{ DATABASE_SSLCERT: "c.pem" }, "DATABASE_SSLCERT is given without DATABASE_SSLKEY"],
    [{ DATABASE_SSLKEY: "k.pem" }, "DATABASE_SSLKEY is given without DATABASE_SSLCERT"],
    [{ DATABASE_SSLPASSWORD: CANARY }, "DATABASE_SSLPASSWORD is given without DATABASE_SSLKEY"],
    [{ DATABASE_SSLCERT: "none", DATABASE_SSLKEY: "k.pem" }, "that one does not exist"],
  ])("that is not whole is an error: %o", (environment, sentence) => {
    const { message } = thrownBy(() => loadDatabaseSettings(input(environment)));
    expect(message).toContain(sentence);
    expect(message).not.toContain(CANARY);
  });

  it("whose key others can read is refused, as libpq does", () => {
    const given = input({ DATABASE_SSLCERT: "c.pem", DATABASE_SSLKEY: "k.pem" });
    chmodSync(join(given.directory, "k.pem"), 0o644);
    expect(thrownBy(() => loadDatabaseSettings(given)).message).toContain(
      `has mode 0644, so others can read it: chmod 600 ${join(given.directory, "k.pem")}`,
    );
  });
});

describe("TLS", () => {
  it("is checked in full for another machine unless somebody says otherwise, and saying so is noted", () => {
    expect([defaultSslMode("localhost"), defaultSslMode("127.0.0.2"), defaultSslMode("::1")]).toEqual(
      Array.from({ length: 3 }, () => "prefer"),
    );
    expect([defaultSslMode("db.example.org"), defaultSslMode("127.example.org")]).toEqual([
      "verify-full",
      "verify-full",
    ]);
    expect(load({ ...names, DB_HOST: "db", DB_SSLMODE: "disable" }).notices).toEqual([
      "sslmode=disable lets the connection to db go unencrypted",
    ]);
    expect(load({ ...names, DB_HOST: "db" }).notices).toEqual([]);
  });

  it("takes sslrootcert=system as libpq does", () => {
    const system = { ...names, DATABASE_SSLROOTCERT: "system" };
    expect(load(system).settings).toMatchObject({ sslmode: "verify-full", sslRootCert: null });
    expect(thrownBy(() => load({ ...system, DB_SSLMODE: "require" })).message).toContain(
      "wants sslmode=verify-full",
    );
  });

  it("takes the root certificate's path as relative to the current directory", () => {
    const directory = makeFolder();
    writeFileSync(join(directory, "ca.pem"), "");
    const input = { ...makeInput({ environment: { ...names, DATABASE_SSLROOTCERT: "ca.pem" } }), directory };
    expect(loadDatabaseSettings(input).settings.sslRootCert).toBe(join(directory, "ca.pem"));
  });
});
