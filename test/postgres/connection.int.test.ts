import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClientCertificate, DatabaseSettings, SslMode } from "../../src/config/parts.ts";
import type { ClusterflowError } from "../../src/core/errors.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { toDatabaseError } from "../../src/postgres/errors.ts";
import { createAuthority, type Authority, type Pair } from "../support/certificates.ts";
import { temporaryDirectory, type TemporaryDirectory } from "../kubernetes/temporary.ts";
import { superuser, testDatabase } from "../support/servers.ts";
import { Wire } from "../support/wire.ts";

const USES_TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

async function ask(settings: DatabaseSettings, text: string): Promise<unknown> {
  await using connection = new Connection(settings, "test");
  try {
    const [row] = await connection.query(text);
    return Object.values(row ?? {})[0];
  } catch (error) {
    throw toDatabaseError(error, settings);
  }
}

describe("an answer that takes long", () => {
  it("is waited for while the server answers others", async () => {
    expect(await ask(superuser(), "SELECT 'done' FROM pg_sleep(3.5)")).toBe("done");
  });

  it("is given up within seconds when nobody is answered, and the goodbye is not waited for either", async () => {
    using wire = new Wire(superuser().port);
    const connection = new Connection({ ...superuser(), port: await wire.listen() }, "test");
    await connection.query("SELECT 1");
    wire.isMute = true;
    const begun = performance.now();
    await expect(connection.query("SELECT 1")).rejects.toThrow("nothing comes back any more");
    expect(performance.now() - begun).toBeLessThan(15_000);
    await connection[Symbol.asyncDispose]();
    await expect.poll(() => wire.connections, { timeout: 10_000 }).toBe(0);
  });
});

describe("statements", () => {
  const PREPARED = "SELECT count(*)::integer FROM pg_prepared_statements";
  const prepared = async (settings: DatabaseSettings): Promise<unknown> => {
    await using connection = new Connection(settings, "test");
    expect(await connection.query("SELECT $1::text AS a", ["b"])).toEqual([{ a: "b" }]);
    const [row] = await connection.query(PREPARED);
    return Object.values(row ?? {})[0];
  };

  it("are prepared once, or in a session of a pooler not at all", async () => {
    expect(await prepared(superuser())).toBe(1);
    expect(await prepared({ ...superuser(), prepared: false })).toBe(0);
  });

  it("that the session does not know any more are prepared anew", async () => {
    await using connection = new Connection(superuser(), "test");
    await connection.query("SELECT 1 AS one");
    await connection.script("DEALLOCATE ALL");
    expect(await connection.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("whose name somebody else has taken in the session are told with what helps", () => {
    const error = Object.assign(new Error("exists"), { name: "PostgresError", code: "42P05" });
    expect(toDatabaseError(error, superuser())).toMatchObject({
      code: "wrong",
      hint: expect.stringContaining("DATABASE_PREPARED_STATEMENTS=false") as string,
    });
  });
});

it("a connection that was closed makes no new session, whoever still asks", async () => {
  const name = "closed in the middle";
  const connection = new Connection(superuser(), name);
  const first = connection.query("SELECT 1 AS one");
  const second = first.then(() => connection.query("SELECT 2 AS two"));
  await Promise.all([
    first.then(() => connection[Symbol.asyncDispose]()),
    expect(second).rejects.toThrow("the connection is closed"),
  ]);
  const sessions = `SELECT count(*)::integer FROM pg_stat_activity WHERE application_name = '${name}'`;
  await expect.poll(() => ask(superuser(), sessions)).toBe(0);
});

it("does not keep a session that may only read: the next one may be able to write", async () => {
  await using database = await testDatabase();
  const { settings } = database;
  const switchTo = (how: string): Promise<unknown> =>
    ask(superuser(), `ALTER DATABASE ${settings.database} ${how}`);
  await switchTo("SET default_transaction_read_only = on");
  await using connection = new Connection(settings, "test");
  const write = (): Promise<unknown> => connection.query("CREATE TABLE public.written ()");
  await expect(write()).rejects.toMatchObject({ code: "25006" });
  await switchTo("RESET default_transaction_read_only");
  await write();
});

describe("a server without TLS", () => {
  const asked = (sslmode: SslMode): DatabaseSettings => ({ ...superuser(), sslmode });

  it.each(["disable", "allow", "prefer"] as const)("is good enough for %s", async (sslmode) => {
    expect(await ask(asked(sslmode), USES_TLS)).toBe(false);
  });

  it.each(["require", "verify-ca", "verify-full"] as const)("is refused at once by %s", async (sslmode) => {
    await expect(ask(asked(sslmode), USES_TLS)).rejects.toMatchObject({
      code: "unreachable",
      retryable: false,
      message: expect.stringMatching(/does not speak TLS, and sslmode is /) as string,
    });
  });
});

describe("a server with TLS", () => {
  let authority: Authority;
  let stranger: Authority;
  let files: TemporaryDirectory;
  let wire: Wire;
  beforeAll(async () => {
    [authority, stranger, files] = [createAuthority(), createAuthority(), temporaryDirectory()];
    await place("tls-ca.crt", authority.cert);
    for (const [name, value] of Object.entries(SERVER)) await run(`ALTER SYSTEM SET ${name} = '${value}'`);
    await serveWith(authority.issue("IP:127.0.0.1"));
    wire = new Wire(superuser().port);
  });
  afterAll(async () => {
    for (const name of Object.keys(SERVER)) await run(`ALTER SYSTEM RESET ${name}`);
    await reload();
    for (const each of [authority, stranger, files, wire]) each[Symbol.dispose]();
  });

  const asked = (sslmode: SslMode, ca: Authority | null): DatabaseSettings => ({
    ...superuser(),
    sslmode,
    sslRootCert: ca?.certFile ?? null,
  });
  /** The server sends its ssl_ca_file along, and that one is signed by itself. */
  const UNTRUSTED = "SELF_SIGNED_CERT_IN_CHAIN";
  const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

  /** What libpq's table says: no TLS, TLS, or the code with which the server is not trusted. */
  const outcomes = async (ca: Authority | null): Promise<unknown[]> => {
    const found: unknown[] = [];
    for (const mode of MODES) {
      const outcome = await ask(asked(mode, ca), USES_TLS).catch((error: unknown) => {
        const isTold = { code: "unreachable", retryable: false };
        expect(error).toMatchObject({
          ...isTold,
          hint: expect.stringContaining("DATABASE_SSLROOTCERT") as string,
        });
        return (error as ClusterflowError).vendorCode;
      });
      found.push(outcome);
    }
    return found;
  };

  it("whose certificate is good: each sslmode with its CA, with another's and with none", async () => {
    expect(await outcomes(authority)).toEqual([false, false, true, true, true, true]);
    expect(await outcomes(stranger)).toEqual([false, false, true, UNTRUSTED, UNTRUSTED, UNTRUSTED]);
    expect(await outcomes(null)).toEqual([false, false, true, true, UNTRUSTED, UNTRUSTED]);
  });

  it("whose certificate has another host's name", async () => {
    await serveWith(authority.issue("DNS:elsewhere.example.org"));
    const wrongHost = "ERR_TLS_CERT_ALTNAME_INVALID";
    expect(await outcomes(authority)).toEqual([false, false, true, true, true, wrongHost]);
  });

  it("whose certificate has expired", async () => {
    const validity = { from: "20200101000000Z", to: "20210101000000Z" };
    await serveWith(authority.issue("IP:127.0.0.1", validity));
    const expired = "CERT_HAS_EXPIRED";
    expect(await outcomes(authority)).toEqual([false, false, true, expired, expired, expired]);
    expect(await outcomes(null)).toEqual([false, false, true, true, expired, expired]);
  });

  it("whose certificate nobody signed but itself", async () => {
    await serveWith({ cert: stranger.cert, key: stranger.key });
    const own = "DEPTH_ZERO_SELF_SIGNED_CERT";
    expect(await outcomes(authority)).toEqual([false, false, true, own, own, own]);
    expect(await outcomes(null)).toEqual([false, false, true, true, own, own]);
    // given as its own root it is trusted, but for its name
    const [verifyCa, verifyFull] = (await outcomes(stranger)).slice(4);
    expect([verifyCa, verifyFull]).toEqual([true, "ERR_TLS_CERT_ALTNAME_INVALID"]);
  });

  it("gets to see our certificate, from files that are read for every connection", async () => {
    await serveWith(authority.issue("IP:127.0.0.1"));
    const settings = { ...asked("verify-full", authority), sslClient: clientBy(authority) };
    const SHOWN = "SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    expect(await ask(settings, SHOWN)).toMatch(/^\/CN=issued-/);
    clientBy(stranger);
    await expect(ask(settings, SHOWN)).rejects.toMatchObject({
      code: "unreachable",
      retryable: false,
      hint: expect.stringContaining("DATABASE_SSLCERT") as string,
    });
  });

  it("is not asked when key and certificate do not belong together", async () => {
    const { certFile } = clientBy(authority);
    const keyFile = files.write("other.key", authority.issue("DNS:other").key);
    const settings = {
      ...asked("require", null),
      sslClient: { certFile, keyFile, keyPassword: null },
    };
    await expect(ask(settings, USES_TLS)).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining("sslkey") as string,
    });
  });

  it("that freezes before the handshake is given up, and waited for", async () => {
    wire.isMute = true;
    const settings = { ...asked("require", null), port: await wire.listen() };
    await expect(ask(settings, USES_TLS)).rejects.toMatchObject({ code: "unreachable", retryable: true });
  });

  const SERVER = {
    ...{ ssl: "on", ssl_cert_file: "tls-test.crt", ssl_key_file: "tls-test.key", ssl_ca_file: "tls-ca.crt" },
  };

  function clientBy(by: Authority): ClientCertificate {
    const { cert, key } = by.issue("DNS:client");
    return {
      certFile: files.write("client.crt", cert),
      keyFile: files.write("client.key", key),
      keyPassword: null,
    };
  }

  async function serveWith({ cert, key }: Pair): Promise<void> {
    await place("tls-test.crt", cert);
    await place("tls-test.key", key);
    await reload();
  }

  /** Into the server's own folder, by the server itself: another user's key it would not take. */
  async function place(file: string, text: string): Promise<void> {
    const lines = text.trim().replaceAll("\n", "\\n");
    await run(
      `COPY (SELECT unnest(string_to_array(E'${lines}', E'\\n'))) TO PROGRAM 'umask 077; cat > ${file}'`,
    );
  }

  const run = async (text: string): Promise<unknown> => ask(superuser(), text);

  async function reload(): Promise<void> {
    await run("SELECT pg_reload_conf()");
    await new Promise((done) => setTimeout(done, 500));
  }
});
