import kafkajs, { type Message } from "kafkajs";
import type { KafkaSettings } from "../config/parts.ts";
import { settlesWithin, withinTime } from "../core/bounded.ts";
import type { Tell } from "../core/report.ts";
import type { Header } from "../pipeline/ports.ts";
import { isRelayHeader, relayHeaders, TRUE_HEADERS } from "../pipeline/relay-headers.ts";
import type { DeadLetter, LetterTopic, Untakable } from "../pipeline/relay.ts";
import { toKafkaError } from "./errors.ts";
import { openConnection, type Connection } from "./sink.ts";
import { ensureTopic } from "./topics.ts";

export interface DeadLetterTopicOptions {
  readonly settings: KafkaSettings;
  /** Its name; created with one partition, as Kafka Connect does, when it does not exist. */
  readonly topic: string;
  /** Of the consumer whose dead letters these are. */
  readonly group: string;
  readonly stream: string;
  readonly tell: Tell;
}

/** Below the minute for which the letters are ours. */
const SEND_MS = 30_000;
const ACKNOWLEDGE_MS = 10_000;
const GOODBYE_MS = 500;

/** A topic as the place where dead letters go; nothing is connected before the first of them. */
export function openDeadLetterTopic(options: DeadLetterTopicOptions): LetterTopic & AsyncDisposable {
  return new DeadLetterTopic(options);
}

class DeadLetterTopic implements LetterTopic, AsyncDisposable {
  readonly #options: DeadLetterTopicOptions;
  #connection: Connection | null = null;

  constructor(options: DeadLetterTopicOptions) {
    this.#options = options;
  }

  /** Any failure costs the connection, as in the sink. */
  async send(letters: readonly DeadLetter[], signal: AbortSignal): Promise<readonly Untakable[]> {
    try {
      return await withinTime(() => this.#send(letters), SEND_MS, signal);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      signal.throwIfAborted();
      throw this.#fault(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    await settlesWithin(connection.producer.disconnect(), GOODBYE_MS);
    connection.client[Symbol.dispose]();
  }

  /** Those that are too large are found by halving. */
  async #send(letters: readonly DeadLetter[]): Promise<readonly Untakable[]> {
    const connection = await this.#open();
    try {
      await this.#produce(connection, letters);
      return [];
    } catch (error) {
      const { code, message } = this.#fault(error);
      if (code !== "data") throw error;
      const [only] = letters;
      if (letters.length === 1 && only !== undefined) return [{ letter: only, why: message }];
      const half = Math.floor(letters.length / 2);
      const left = await this.#send(letters.slice(0, half));
      return [...left, ...(await this.#send(letters.slice(half)))];
    }
  }

  async #open(): Promise<Connection> {
    if (this.#connection !== null) return this.#connection;
    const { settings, topic, tell } = this.#options;
    const connection = openConnection(settings);
    this.#connection = connection;
    await connection.connected;
    await ensureTopic(connection.client, { name: topic, partitions: 1, config: {} }, tell);
    return connection;
  }

  async #produce({ producer }: Connection, letters: readonly DeadLetter[]): Promise<void> {
    const { topic, group, stream } = this.#options;
    await producer.send({
      topic,
      acks: -1,
      timeout: ACKNOWLEDGE_MS,
      compression: kafkajs.CompressionTypes.GZIP,
      messages: letters.map((letter) => messageOf(letter, relayHeaders(letter, group, stream))),
    });
  }

  #fault(error: unknown): ReturnType<typeof toKafkaError> {
    return toKafkaError(error, this.#options.settings, this.#options.topic);
  }
}

/** Its time is that of the relaying: a broker refuses times far in the future, and deletes what is old. */
function messageOf(
  { record: { key, value, headers }, headersText }: DeadLetter,
  ours: Readonly<Record<string, string>>,
): Message {
  const carried = carriable(headers);
  const truth = isFaithful(carried, headers) ? {} : { [TRUE_HEADERS]: headersText };
  return { key, value, headers: { ...Object.fromEntries(carried), ...ours, ...truth } };
}

type Carried = ReadonlyMap<string, Buffer[]>;

/** What kafkajs's producer can carry: no null, names that are text, all values of a name behind the first. */
function carriable(headers: readonly Header[]): Carried {
  const carried = new Map<string, Buffer[]>();
  for (const [name, value] of headers) {
    if (typeof name !== "string" || value === null || isRelayHeader(name)) continue;
    const values = carried.get(name) ?? [];
    values.push(value);
    carried.set(name, values);
  }
  return carried;
}

/** Whether the headers come out of an object as they were; it also puts names that are numbers first. */
function isFaithful(carried: Carried, headers: readonly Header[]): boolean {
  const out = Object.entries(Object.fromEntries(carried)).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  );
  return (
    out.length === headers.length &&
    out.every(([name, value], index) => headers[index]?.[0] === name && headers[index][1] === value)
  );
}
