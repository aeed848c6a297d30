import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/**
 * Who listens on a port, such as `postgres (pid 812)`; null where that cannot be found out: not on Linux, or
 * a process of another user.
 */
export function portHolder(port: number): string | null {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(readOrEmpty).join("\n");
  const sockets = new Set(listeningInodes(tables, port).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return null;
  const pid = entries("/proc").find((entry) => /^\d+$/.test(entry) && holdsAny(entry, sockets));
  return pid === undefined ? null : `${readOrEmpty(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
}

/**
 * Inodes of the sockets that listen on a port, from the text of /proc/net/tcp, proc(5): local address and
 * port in hexadecimal, state 0A is LISTEN, the inode is the tenth column.
 */
export function listeningInodes(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) === true && columns[3] === "0A")
    .flatMap((columns) => columns[9] ?? []);
}

function holdsAny(pid: string, sockets: ReadonlySet<string>): boolean {
  return entries(`/proc/${pid}/fd`).some((fd) => {
    try {
      return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false;
    }
  });
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
