import { once } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { ClusterflowError } from "../core/errors.ts";
import type { DatabaseSettings } from "../config/parts.ts";
import { tlsOptions } from "./tls.ts";

/** The message SSLRequest: its length and its code (PostgreSQL documentation, "Message Formats"). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** What the driver reads off a socket that it did not make. */
export type DriverSocket = Socket & { readonly host: string; readonly port: number };

/**
 * A connection to the server, with TLS where the settings want it, within so many milliseconds. Made here and not
 * by the driver, which takes a server's "no TLS" for a yes, and never sets TCP_NODELAY: without it every small batch
 * waits 40 ms for Nagle's algorithm. Rejects with the error of the socket or of TLS; with a ClusterflowError when the
 * server has no TLS, or not the certificate that was asked for.
 */
export async function openSocket(settings: DatabaseSettings, ms: number): Promise<DriverSocket> {
  const { host, port } = settings;
  const plain = connectTcp({ host, port, noDelay: true, keepAlive: true });
  plain.on("error", () => undefined); // one may come while nobody waits for anything
  const late = setTimeout(() => plain.destroy(timedOut()), ms);
  try {
    await once(plain, "connect");
    return Object.assign(await secured(plain, settings), { host, port });
  } catch (error) {
    plain.destroy();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

async function secured(plain: Socket, settings: DatabaseSettings): Promise<Socket> {
  const options = tlsOptions(settings);
  if (options === false) return plain;
  plain.write(SSL_REQUEST);
  const answer = await firstAnswer(plain);
  if (answer === "N" && settings.sslmode === "prefer") return plain;
  if (answer !== "S") throw withoutTls(settings);
  const { host } = settings;
  const begun = performance.now();
  const socket = connectTls({
    socket: plain,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...options,
  });
  plain.once("error", (error) => socket.destroy(error));
  try {
    await once(socket, "secureConnect");
  } catch (error) {
    throw untrusted(error, settings);
  }
  if (settings.sslClient !== undefined) await verdictOnUs(socket, performance.now() - begun);
  return socket;
}

/**
 * In TLS 1.3 a server judges our certificate after our side of the handshake is done, and hangs up; what it says would be
 * lost behind the driver's first bytes. Its no takes one way there and back, and so did the handshake at least.
 */
async function verdictOnUs(socket: TLSSocket, handshakeMs: number): Promise<void> {
  await once(socket, "error", { signal: AbortSignal.timeout(2 * Math.ceil(handshakeMs)) }).then(
    ([error]: unknown[]) => {
      throw error;
    },
    () => undefined,
  );
}

/** More than one byte would be something that came before TLS did: nobody may put that in (CVE-2021-23222). */
async function firstAnswer(plain: Socket): Promise<string> {
  const closed = new AbortController();
  const onClose = (): void =>
    closed.abort(Object.assign(new Error("the connection was cut"), { code: "ECONNRESET" }));
  plain.once("close", onClose);
  try {
    const [answer] = (await once(plain, "data", { signal: closed.signal })) as [Buffer];
    return answer.toString("latin1");
  } catch (error) {
    throw closed.signal.aborted ? closed.signal.reason : error;
  } finally {
    plain.off("close", onClose);
  }
}

function timedOut(): Error {
  return Object.assign(new Error("no answer (connection timed out)"), { code: "ETIMEDOUT" });
}

function withoutTls({ host, port, sslmode }: DatabaseSettings): ClusterflowError {
  return new ClusterflowError(`PostgreSQL ${host}:${port} does not speak TLS, and sslmode is ${sslmode}`, {
    code: "unreachable",
    hint: "turn ssl on in the server's postgresql.conf, or set DATABASE_SSLMODE=prefer",
  });
}

/** A broken connection stays what it is; a certificate that is not trusted is for a person to look at. */
function untrusted(error: unknown, { host, port }: DatabaseSettings): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  if (!CERTIFICATE_FAULT.test(error.code)) return error;
  return new ClusterflowError(`PostgreSQL ${host}:${port}: ${error.message} (${error.code})`, {
    code: "unreachable",
    hint: "set DATABASE_SSLROOTCERT to the CA that signed the server's certificate, and DATABASE_HOST to a name in it",
    vendorCode: error.code,
    cause: error,
  });
}

/** Codes of OpenSSL's verification and of Node's check of the host name (Node.js documentation, "X509 certificate error codes"). */
const CERTIFICATE_FAULT = /CERT|SELF_SIGNED|UNABLE_TO|CRL|ERR_TLS_/;
