import type { Socket } from "node:net";
import postgres from "postgres";
import { settlesWithin } from "../core/bounded.ts";
import { printable } from "../core/printable.ts";
import type { DatabaseSettings } from "../config/parts.ts";
import { isServerError } from "./errors.ts";
import { openSocket, type DriverSocket } from "./socket.ts";

export interface Client {
  readonly sql: postgres.Sql<{ bigint: bigint }>;
  /** What the driver lets go of without closing it: a goodbye that a frozen server never answers. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Until a server has accepted the connection and the login. */
const CONNECT_TIMEOUT_S = 5;

const LOOK_MS = 3_000;
/** What our own functions in the database have to say, as opposed to the server's remarks. */
const OWN_WARNING = "01C01";
const WARNING_CHARACTERS = 400;

/** One connection of the driver; it is made with the first statement. */
export function openClient(
  settings: DatabaseSettings,
  name: string,
  onWarning: (text: string) => void = () => undefined,
): Client {
  const sockets = new Set<Socket>();
  // the driver's types do not know `socket`
  const options: postgres.Options<{ bigint: postgres.PostgresType<bigint> }> & {
    socket: () => Promise<DriverSocket>;
  } = {
    host: settings.host,
    port: settings.port,
    database: settings.database,
    username: settings.user,
    // "" and not undefined: left out, the driver would look for a password in the environment
    password: settings.password ?? "",
    ssl: false, // whatever TLS there is lies in the socket already
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_S,
    fetch_types: false,
    types: { bigint: postgres.BigInt },
    onnotice: ({ code, message }) => {
      // it quotes what came in messages: a reason, the name of a resource
      if (code === OWN_WARNING) onWarning(printable(message ?? "", WARNING_CHARACTERS));
    },
    backoff: () => 0, // the callers wait by themselves
    // poolers refuse all others
    connection: { application_name: name, TimeZone: "UTC" },
    socket: async () => {
      const socket = await openSocket(settings, CONNECT_TIMEOUT_S * 1000);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      return socket;
    },
  };
  return { sql: postgres(options), sockets };
}

/** Closes a client; what it still awaits, and its goodbye, have so many milliseconds. Never rejects. */
export async function discardClient({ sql, sockets }: Client, ms: number): Promise<void> {
  await settlesWithin(sql.end({ timeout: ms / 1000 }), ms);
  for (const socket of sockets) socket.destroy();
}

/** Any answer of the server counts, also that it has too many connections; a connection refused is none. */
export async function isAnswering(settings: DatabaseSettings): Promise<boolean> {
  const client = openClient(settings, "clusterflow: is the server there?");
  const answer = client.sql.unsafe("SELECT 1").then(() => true, isServerError);
  const hasSettled = await settlesWithin(answer, LOOK_MS);
  void discardClient(client, 0);
  return hasSettled && (await answer);
}
