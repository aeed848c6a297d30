import { connect, isIP, Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import type { ISocketFactory } from "kafkajs";
import { isLoopback } from "../../config/loopback.ts";
import type { KafkaSecurity } from "../../config/parts.ts";
import { speaksPlain } from "./speaks-plain.ts";
import { secureContext } from "./tls.ts";
import { SPEAKS_PLAIN, SPEAKS_TLS, WOULD_EXPOSE } from "./trouble.ts";

type Request = Parameters<ISocketFactory>[0];

/** Opens one connection as the settings want it; kafkajs hears of what goes wrong as of any socket's error. */
export type OpenSocket = (request: Pick<Request, "host" | "port" | "onConnect">) => Socket;

/** Throws `usage` when the certificates cannot be used. */
export function socketOpener(security: KafkaSecurity | undefined): OpenSocket {
  if (security?.tls != null) return tlsOpener(secureContext(security.tls));
  const isExposed = security?.sasl?.mechanism === "PLAIN" || security?.sasl?.mechanism === "OAUTHBEARER";
  const mayGoAnywhere = !isExposed || security.mayExposePassword;
  return (request) =>
    // the settings were checked, but the brokers' addresses come from the cluster
    mayGoAnywhere || isLoopback(request.host) ? openPlain(request) : failed(WOULD_EXPOSE);
}

function openPlain({ host, port, onConnect }: Parameters<OpenSocket>[0]): Socket {
  // kafkajs itself leaves Nagle's algorithm on: 40 ms for every small request
  const socket = connect({ host, port, ...LIVELY }, onConnect);
  socket.once("data", (bytes: Buffer) => {
    if (isTlsAlert(bytes)) socket.destroy(coded(SPEAKS_TLS));
  });
  return socket;
}

const KEEP_ALIVE_MS = 60_000;
const LIVELY = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };

/** As the length of an answer this would mean 352 MB, and kafkajs would wait for them. */
function isTlsAlert(bytes: Buffer): boolean {
  return bytes[0] === 0x15 && bytes[1] === 0x03;
}

function tlsOpener(context: SecureContext): OpenSocket {
  /** Ports that hung up on us and were then found to speak without TLS. */
  const plain = new Set<string>();
  return ({ host, port, onConnect }) => {
    const place = `${host}:${port}`;
    if (plain.has(place)) return failed(SPEAKS_PLAIN);
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ host, port, secureContext: context, ...name }, onConnect);
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    const look = (error: Error): void => {
      if (!("code" in error) || error.code !== "ECONNRESET") return;
      // kafkajs tries again in a moment, and is told then
      void speaksPlain(host, port).then((isPlain) => isPlain && plain.add(place));
    };
    socket.once("error", look);
    socket.once("secureConnect", () => socket.off("error", look));
    return socket;
  };
}

function failed(code: string): Socket {
  return new Socket().destroy(coded(code));
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
