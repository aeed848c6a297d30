import type { Socket } from "node:net";
import kafkajs, { type ISocketFactory, type Kafka, type LogEntry, type RetryOptions } from "kafkajs";
import { VERSION } from "../core/version.ts";
import type { KafkaSettings } from "../config/parts.ts";
import { patchEmptyBatches } from "./batch-patch.ts";
import { registerCodecs } from "./codecs.ts";
import { patchFetches } from "./fetch-patch.ts";
import { patchHeartbeats } from "./heartbeat-patch.ts";
import { patchRecordSets } from "./records/record-set-patch.ts";
import { loginOptions, type LoginOptions } from "./security/sasl.ts";
import { socketOpener, type OpenSocket } from "./security/sockets.ts";
import { patchRequestTimer } from "./timer-patch.ts";

/** How every connection of this room is made; spread into kafkajs's own options. */
export const CONNECTION = {
  clientId: `clusterflow/${VERSION}`,
  connectionTimeout: 3_000,
  /** Above every wait that a request may ask of the broker, below the patience of a person. */
  requestTimeout: 15_000,
  enforceRequestTimeout: true,
} as const;

/** Short, since callers wait and retry by themselves: at most 1.4 s of pauses. */
export const RETRY: RetryOptions = {
  retries: 3,
  initialRetryTime: 200,
  maxRetryTime: 2_000,
  // the consumer's supervisor builds a new one; kafkajs's own restart has no end and tells nobody
  restartOnFailure: () => Promise.resolve(false),
};

/** One configured kafkajs. Disposing cuts what connections are left: whoever cares about goodbyes says them before. */
export interface KafkaClient extends Disposable {
  readonly kafka: Kafka;
  readonly settings: KafkaSettings;
  readonly sockets: ISocketFactory;
  readonly login: LoginOptions;
}

/** What kafkajs says in its log and nowhere else. */
export interface KafkaListener {
  /** It met an error, which it may get over by itself. */
  onTrouble?(reason: string): void;
  /** It asked for an offset that Kafka does not have, and goes on at another. */
  onReset?(partition: number): void;
}

/** Makes a client; nothing is connected yet, and kafkajs prints nothing. Throws `usage` when certificates are unfit. */
export function openKafka(settings: KafkaSettings, listener: KafkaListener = {}): KafkaClient {
  registerCodecs();
  patchRequestTimer();
  patchEmptyBatches();
  patchRecordSets();
  patchFetches();
  patchHeartbeats();
  const connections = new Connections(socketOpener(settings.security));
  const login = loginOptions(settings.security);
  const kafka = new kafkajs.Kafka({
    ...CONNECTION,
    ...login,
    brokers: [...settings.brokers],
    retry: RETRY,
    socketFactory: connections.open,
    logLevel: kafkajs.logLevel.ERROR,
    logCreator: () => (entry) => {
      if (!connections.isClosed && entry.level === kafkajs.logLevel.ERROR) heed(entry.log, listener);
    },
  });
  const sockets = connections.open;
  return { kafka, settings, sockets, login, [Symbol.dispose]: () => connections.close() };
}

/**
 * Every socket that kafkajs opened. It does not close those that a failure left behind, and its retries go on after
 * it was told to disconnect; closed here, they end and the process can.
 */
class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #opener: OpenSocket;
  isClosed = false;

  constructor(opener: OpenSocket) {
    this.#opener = opener;
  }

  readonly open: ISocketFactory = (request) => {
    if (this.isClosed) throw new Error("the client is closed");
    const socket = this.#opener(request);
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  };

  close(): void {
    this.isClosed = true;
    // with an error, not without: kafkajs stops its timers and rejects what is in flight only on "error"
    for (const socket of this.#sockets) socket.destroy(new Error("the client is closed"));
  }
}

function heed(log: LogEntry["log"], listener: KafkaListener): void {
  const partition: unknown = log["partition"];
  const error: unknown = log["error"];
  const sentence = typeof error === "string" ? `${log.message}: ${error}` : log.message;
  if (log.message.startsWith("Offset out of range")) {
    if (typeof partition === "number") listener.onReset?.(partition);
  } else if (!PART_OF_EVERY_REBALANCE.test(sentence) && !DAMAGE.test(sentence)) {
    listener.onTrouble?.(sentence);
  }
}

/** Ends the consumer by itself: not something to be waited for. */
const DAMAGE = /the record batch from offset \d+ on is damaged/;
/** kafkajs logs these as errors too. */
const PART_OF_EVERY_REBALANCE = /rebalancing|re-joining|member id|generation/i;
