import { isIP } from "node:net";

/** Whether what is sent to this host never leaves the machine. An IPv6 address may have its brackets. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}

/** The same of brokers, `host:port` each: all of them. */
export function areLoopback(brokers: readonly string[]): boolean {
  return brokers.every((broker) => isLoopback(broker.trim().replace(/:\d+$/, "")));
}
