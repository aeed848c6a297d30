import { isIP } from "node:net";

/** Whether a host's name or address is this machine's own. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** The same of brokers, `host:port` each: all of them. */
export function areLoopback(brokers: readonly string[]): boolean {
  return brokers.every((broker) => isLoopback(broker.trim().replace(/:\d+$/, "").replaceAll(/[[\]]/g, "")));
}
