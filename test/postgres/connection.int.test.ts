import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseSettings, SslMode } from "../../src/config/parts.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { toDatabaseError } from "../../src/postgres/errors.ts";
import { createAuthority, type Authority } from "../support/certificates.ts";
import { superuser } from "../support/servers.ts";
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
  let wire: Wire;
  beforeAll(async () => {
    authority = createAuthority();
    const { cert, key } = authority.issue("IP:127.0.0.1");
    await place("tls-test.crt", cert);
    await place("tls-test.key", key);
    await set("ssl_cert_file", "tls-test.crt");
    await set("ssl_key_file", "tls-test.key");
    await set("ssl", "on");
    await reload();
    wire = new Wire(superuser().port);
  });
  afterAll(async () => {
    for (const name of ["ssl", "ssl_cert_file", "ssl_key_file"]) await run(`ALTER SYSTEM RESET ${name}`);
    await reload();
    authority[Symbol.dispose]();
    wire[Symbol.dispose]();
  });

  const asked = (sslmode: SslMode, isTrusted: boolean): DatabaseSettings => ({
    ...superuser(),
    sslmode,
    sslRootCert: isTrusted ? authority.certFile : null,
  });

  it.each(["prefer", "require"] as const)("is spoken to through TLS by %s", async (sslmode) => {
    expect(await ask(asked(sslmode, false), USES_TLS)).toBe(true);
  });

  it.each(["require", "verify-ca", "verify-full"] as const)(
    "is trusted by %s with its CA",
    async (sslmode) => {
      expect(await ask(asked(sslmode, true), USES_TLS)).toBe(true);
    },
  );

  it.each(["verify-ca", "verify-full"] as const)(
    "is not trusted by %s without it: told at once",
    async (mode) => {
      await expect(ask(asked(mode, false), USES_TLS)).rejects.toMatchObject({
        code: "unreachable",
        retryable: false,
        vendorCode: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        hint: expect.stringContaining("DATABASE_SSLROOTCERT") as string,
      });
    },
  );

  it("is not trusted by verify-full, but by verify-ca, under a name that is not in the certificate", async () => {
    const named = { ...asked("verify-full", true), host: "localhost" };
    await expect(ask(named, USES_TLS)).rejects.toMatchObject({ vendorCode: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect(await ask({ ...named, sslmode: "verify-ca" }, USES_TLS)).toBe(true);
  });

  it("that freezes before the handshake is given up, and waited for", async () => {
    wire.isMute = true;
    const settings = { ...asked("require", false), port: await wire.listen() };
    await expect(ask(settings, USES_TLS)).rejects.toMatchObject({ code: "unreachable", retryable: true });
  });

  /** Into the server's own folder, by the server itself: another user's key it would not take. */
  async function place(file: string, text: string): Promise<void> {
    const lines = text.trim().replaceAll("\n", "\\n");
    await run(
      `COPY (SELECT unnest(string_to_array(E'${lines}', E'\\n'))) TO PROGRAM 'umask 077; cat > ${file}'`,
    );
  }

  const set = (name: string, value: string): Promise<unknown> => run(`ALTER SYSTEM SET ${name} = '${value}'`);
  const run = async (text: string): Promise<unknown> => ask(superuser(), text);

  async function reload(): Promise<void> {
    await run("SELECT pg_reload_conf()");
    await new Promise((done) => setTimeout(done, 500));
  }
});
