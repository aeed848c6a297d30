import { isIPv6 } from "node:net";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parseDuration } from "../core/duration.ts";
import { isLoopback } from "./loopback.ts";
import {
  KAFKA_PROTOCOLS,
  LOG_FORMATS,
  LOG_LEVELS,
  SASL_MECHANISMS,
  SSL_MODES,
  type HttpAddress,
  type KafkaProtocol,
  type SaslMechanism,
  type SslMode,
} from "./parts.ts";

/** A text as a value, or what would have fitted. */
export type Parsed<T> = { readonly value: T } | { readonly wanted: string };
export type Parser<T> = (text: string) => Parsed<T>;

export const parseMode = oneOf(["legacy", "hybrid-kafka"]);
export const parseLogLevel = oneOf(LOG_LEVELS);
export const parseLogFormat = oneOf(LOG_FORMATS);
export const parseSslMode: Parser<SslMode> = oneOf(SSL_MODES);
export const parseKafkaProtocol: Parser<KafkaProtocol> = oneOf(KAFKA_PROTOCOLS);
export const parseSaslMechanism: Parser<SaslMechanism> = oneOf(SASL_MECHANISMS);

/** The words that the replaced systems and Kubernetes manifests use for yes and no. */
export const parseBoolean: Parser<boolean> = (text) => {
  if (/^(true|1|yes|on)$/i.test(text)) return { value: true };
  if (/^(false|0|no|off)$/i.test(text)) return { value: false };
  return { wanted: "true or false" };
};

export const parsePort: Parser<number> = (text) => {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535
    ? { value: port }
    : { wanted: "a port from 1 to 65535" };
};

/** 0 takes a free one. */
export const parseListenPort: Parser<number> = (text) =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? { value: Number(text) }
    : { wanted: "a port from 0 to 65535; 0 takes a free one" };

const SIZE_UNITS: Readonly<Record<string, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };

export const parseSize: Parser<number> = (text) => {
  const [, amount, unit] = /^(\d{1,6})(MiB|GiB|TiB)$/.exec(text) ?? [];
  const bytes = Number(amount) * (SIZE_UNITS[unit ?? ""] ?? NaN);
  return bytes >= 1024 ** 2
    ? { value: bytes }
    : { wanted: "a size of 1MiB or more, such as 500MiB or 10GiB" };
};

export const parsePageSize: Parser<number> = (text) => {
  const size = Number(text);
  return /^\d{1,6}$/.test(text) && size >= 1
    ? { value: size }
    : { wanted: "a number of objects from 1 to 999999" };
};

export const parseMaxPoison: Parser<number> = (text) =>
  /^\d{1,9}$/.test(text)
    ? { value: Number(text) }
    : { wanted: "a number of records from 0 to 999999999; 0 sets no limit" };

/** Kafka's own rule, `org.apache.kafka.common.internals.Topic`. */
export const parseTopic: Parser<string> = (text) =>
  /^[a-zA-Z0-9._-]{1,249}$/.test(text) && text !== "." && text !== ".."
    ? { value: text }
    : { wanted: "a topic name: 1 to 249 letters, digits, dots, underscores or hyphens" };

/** Kafka takes any text; the topic's alphabet keeps it readable in every tool that lists groups. */
export const parseGroup: Parser<string> = (text) =>
  "value" in parseTopic(text)
    ? { value: text }
    : { wanted: "a group name: 1 to 249 letters, digits, dots, underscores or hyphens" };

export const parseStreamName: Parser<string> = (text) =>
  /^[a-z0-9][a-z0-9._-]{0,62}$/.test(text)
    ? { value: text }
    : { wanted: "a stream's name; clusterflow streams list shows them" };

/** `host:port`, separated by commas; an IPv6 address in brackets. */
export const parseBrokers: Parser<readonly string[]> = (text) => {
  const brokers = text.split(",").map((broker) => broker.trim());
  const isFit = brokers.every((broker) => {
    const port = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d+)$/.exec(broker)?.[1];
    return port !== undefined && "value" in parsePort(port);
  });
  return isFit ? { value: brokers } : { wanted: "a list such as broker1:9092,broker2:9092" };
};

/** A host name or address, without brackets in the result. */
export const parseHost: Parser<string> = (text) => {
  if (text.startsWith("/")) return { wanted: "a host name or an address; Unix sockets are not supported" };
  if (text.includes(",")) return { wanted: "one host; several at once are not supported" };
  const address = /^\[([0-9A-Fa-f:.%]+)\]$/.exec(text)?.[1] ?? text;
  return isIPv6(address) || /^[A-Za-z0-9._-]+$/.test(address)
    ? { value: address }
    : { wanted: "a host name or an address, without a scheme and without a port" };
};

/** `port`, for this machine alone, or `host:port`; a bare `:port` would be all of the network to some and is not taken. */
export const parseHttpAddress: Parser<HttpAddress> = (text) => {
  const wanted = "a port, or host:port such as 0.0.0.0:9464; port 0 takes a free one";
  const [, name = "127.0.0.1", digits] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  const host = parseHost(name);
  const isBare = !name.includes(":") || name.startsWith("[");
  if (digits === undefined || Number(digits) > 65_535 || !isBare || !("value" in host)) return { wanted };
  return { value: { host: host.value, port: Number(digits) } };
};

/** A name in PostgreSQL: longer ones are cut there without a word. */
export const parseDatabaseWord: Parser<string> = (text) =>
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  Buffer.byteLength(text) <= 63 && !/[\u0000-\u001f\u007f]/.test(text)
    ? { value: text }
    : { wanted: "a name of at most 63 bytes without control characters" };

/** A snapshot a second is the most that makes sense; zero would be a loop without a pause. */
export const parseInterval: Parser<number> = (text) => {
  const ms = parseDuration(text);
  return ms !== null && ms >= 1000 && ms <= 2_147_483_647
    ? { value: ms }
    : { wanted: "a duration from 1s to 24d, such as 30s, 5m or 1h30m" };
};

export const parseServerUrl: Parser<string> = (text) => {
  const wanted = "an address such as https://host:6443, without user, query and fragment";
  if (!URL.canParse(text)) return { wanted };
  const url = new URL(text);
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  const isBare = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  return isWeb && isBare && url.hostname !== "" ? { value: text.replace(/\/+$/, "") } : { wanted };
};

/** A secret and a token travel to it, so only to this machine without TLS. */
export const parseTokenUrl: Parser<string> = (text) => {
  const wanted =
    "an address such as https://host/token, without user and fragment; http:// on this machine only";
  if (!URL.canParse(text)) return { wanted };
  const { protocol, hostname, username, password, hash } = new URL(text);
  const isSafe = protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
  return isSafe && username === "" && password === "" && hash === "" ? { value: text } : { wanted };
};

/** A path, absolute afterwards. */
export function parsePath(directory: string): Parser<string> {
  return (text) => ({ value: absolutePath(directory, text) });
}

/** Paths separated as in PATH. */
export function parsePaths(directory: string): Parser<readonly string[]> {
  return (text) => {
    const paths = text.split(delimiter).filter((path) => path !== "");
    return { value: paths.map((path) => absolutePath(directory, path)) };
  };
}

/** `~/` is the home directory, since no shell has looked at what an env file says. */
function absolutePath(directory: string, path: string): string {
  return resolve(directory, path.startsWith("~/") ? join(homedir(), path.slice(2)) : path);
}

export function oneOf<const Word extends string>(words: readonly Word[]): Parser<Word> {
  return (text) => {
    const word = words.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    return word === undefined ? { wanted: `one of ${words.join(", ")}` } : { value: word };
  };
}
