import type { HttpAddress } from "../../config/parts.ts";
import type { TokenSettings } from "./tokens.ts";

export interface GatewaySettings {
  readonly address: HttpAddress;
  readonly tokens: TokenSettings;
  /** Whether strangers may make themselves users; `readers` may read and never write. */
  readonly signup: "closed" | "readers";
  readonly limits?: Partial<Limits>;
}

/** So many at once, then one more each time a part of the second has passed. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Limits {
  readonly bodyBytes: number;
  readonly eventBytes: number;
  readonly batchEvents: number;
  /** Of one stream of lines. It is never in memory as a whole; its answer is. */
  readonly streamBytes: number;
  readonly streamEvents: number;
  /** Events of a stream that are given to the intake together; their bytes stay below `bodyBytes`. */
  readonly streamChunk: number;
  readonly requests: number;
  /** Bytes of all bodies that are being read or worked on; beyond, 503 before memory fills. */
  readonly bytesAtOnce: number;
  readonly connections: number;
  /** Requests of one user. */
  readonly userRate: Rate;
  readonly loginRateOfAddress: Rate;
  readonly loginRateOfEmail: Rate;
  /** Until the headers are there, and until the body is; who is slower gives its place to the next. */
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  /** Without a byte in either direction. */
  readonly silenceMs: number;
  /** What is in flight when the gateway closes may take so long. */
  readonly closeMs: number;
}

export const LIMITS: Limits = {
  bodyBytes: 1024 ** 2,
  eventBytes: 512 * 1024,
  batchEvents: 1_000,
  streamBytes: 64 * 1024 ** 2,
  streamEvents: 50_000,
  streamChunk: 500,
  requests: 256,
  bytesAtOnce: 64 * 1024 ** 2,
  connections: 1_024,
  userRate: { burst: 2_000, perSecond: 1_000 },
  loginRateOfAddress: { burst: 20, perSecond: 0.5 },
  loginRateOfEmail: { burst: 5, perSecond: 0.1 },
  headersMs: 5_000,
  requestMs: 30_000,
  keepAliveMs: 5_000,
  silenceMs: 60_000,
  closeMs: 10_000,
};
