import { ClusterflowError, type ErrorCode } from "../core/errors.ts";
import type { KafkaSettings } from "../config/parts.ts";
import { areLoopback } from "../config/loopback.ts";
import { TimeLimitError } from "../core/bounded.ts";
import { isCutLogin, loginFailure } from "./security/login-failure.ts";
import { troubleOf } from "./security/trouble.ts";

interface Verdict {
  readonly code: ErrorCode;
  /** Replaces the vendor's own sentence when that does not say what is wrong. */
  readonly says?: string;
  readonly hint: string;
}

const CREATE_TOPIC =
  "is KAFKA_TOPIC (--topic) right? the collector creates it: clusterflow collect --topic $topic";
const GRANT = "grant the right with kafka-acls.sh, or run as another user";
const LIMIT = "raise max.message.bytes of the topic with kafka-configs.sh";

/**
 * What a protocol error means for the person. An outage is `unreachable` without being in this table: whatever
 * kafkajs calls retriable, and the few that it does not but that pass by themselves.
 */
const BY_TYPE: Readonly<Record<string, Verdict>> = {
  UNKNOWN_TOPIC_OR_PARTITION: { code: "usage", says: "$topic does not exist", hint: CREATE_TOPIC },
  INVALID_TOPIC_EXCEPTION: {
    code: "usage",
    hint: "a topic's name has letters, digits, '.', '_' and '-', at most 249",
  },
  MESSAGE_TOO_LARGE: { code: "data", says: "a message is larger than $topic allows", hint: LIMIT },
  RECORD_LIST_TOO_LARGE: { code: "data", says: "a batch is larger than the segments of $topic", hint: LIMIT },
  TOPIC_AUTHORIZATION_FAILED: { code: "unreachable", hint: GRANT },
  GROUP_AUTHORIZATION_FAILED: { code: "unreachable", hint: GRANT },
  CLUSTER_AUTHORIZATION_FAILED: { code: "unreachable", hint: GRANT },
  SASL_AUTHENTICATION_FAILED: {
    code: "unreachable",
    says: "the login was refused",
    hint: "check the settings KAFKA_SASL_*, and whether the user exists",
  },
  UNSUPPORTED_SASL_MECHANISM: {
    code: "unreachable",
    says: "it does not take this SASL mechanism on this port",
    hint: "set KAFKA_SASL_MECHANISM to one of its sasl.enabled.mechanisms",
  },
  ILLEGAL_SASL_STATE: {
    code: "unreachable",
    says: "it takes no login on this port",
    hint: "set KAFKA_SECURITY_PROTOCOL to SSL or PLAINTEXT, or KAFKA_BROKERS to the port for logins",
  },
  UNSUPPORTED_VERSION: { code: "unreachable", hint: "clusterflow speaks to Kafka 2.1 and newer" },
  INVALID_REPLICATION_FACTOR: { code: "usage", hint: "are all brokers up? clusterflow local status" },
  INVALID_PARTITIONS: {
    code: "usage",
    hint: "change the number of partitions in the stream's topic profile",
  },
  INVALID_CONFIG: { code: "usage", hint: "change the settings in the stream's topic profile" },
  POLICY_VIOLATION: { code: "usage", hint: "have the topic created by whoever made the broker's policy" },
  INCONSISTENT_GROUP_PROTOCOL: {
    code: "usage",
    says: "the consumer group is in use by a program that shares its partitions in another way",
    hint: "clusterflow consume --group ANOTHER-NAME",
  },
  INVALID_GROUP_ID: { code: "usage", hint: "clusterflow consume --group ANOTHER-NAME" },
  GROUP_MAX_SIZE_REACHED: { code: "usage", hint: "stop a member of the group, or raise group.max.size" },
  INVALID_SESSION_TIMEOUT: {
    code: "usage",
    says: "the broker allows no sessions of 6 s, nor of 10, 30 or 60 s",
    hint: "set group.min.session.timeout.ms to at most 6000 on the brokers",
  },
};

/** Not retriable to kafkajs, since a group member has to join again; a consumer that starts anew does just that. */
const PASSING_TYPES: ReadonlySet<string> = new Set([
  "REBALANCE_IN_PROGRESS",
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
  "MEMBER_ID_REQUIRED",
  "BROKER_NOT_AVAILABLE",
  "STALE_BROKER_EPOCH",
]);

/** Any failure of a call to Kafka as one sentence that names the brokers; never a setting's secret. */
export function toKafkaError(
  thrown: unknown,
  settings: KafkaSettings,
  topic = settings.topic,
): ClusterflowError {
  const chain = causesOf(thrown);
  const own = chain.find((error) => error instanceof ClusterflowError);
  if (own !== undefined) return own;
  const root = chain.at(-1);
  const type = textOf(root, "type") ?? textOf(root, "code");
  const verdict = verdictOn(root, type);
  const why = verdict.says?.replace("$topic", `topic "${topic}"`) ?? reasonOf(root);
  return new ClusterflowError(`Kafka at ${settings.brokers.join(", ")}: ${why}`, {
    code: verdict.code,
    hint: verdict === OUTAGE ? outageHint(settings.brokers) : verdict.hint.replace("$topic", topic),
    retryable: verdict === OUTAGE,
    ...(type === null ? {} : { vendorCode: type }),
    cause: thrown,
  });
}

/** What to look at when brokers do not answer: the local stack knows about this machine only. */
export function outageHint(brokers: readonly string[]): string {
  return areLoopback(brokers)
    ? "is the broker running? clusterflow local status"
    : "are these brokers right, and running? clusterflow config show --origin";
}

function verdictOn(error: unknown, type: string | null): Verdict {
  return BY_TYPE[type ?? ""] ?? lastingTrouble(error) ?? (isPassing(error, type) ? OUTAGE : UNKNOWN);
}

/** TLS and logins fail the same way however often they are tried. */
function lastingTrouble(error: unknown): Verdict | null {
  const trouble = troubleOf(error) ?? loginFailure(error);
  if (trouble === null) return null;
  const broker = textOf(error, "broker");
  const says = broker === null ? trouble.says : `${broker}: ${trouble.says}`;
  return { code: "unreachable", says, hint: trouble.hint };
}

const OUTAGE: Verdict = { code: "unreachable", hint: "are all brokers up?" };
const UNKNOWN: Verdict = { code: "unexpected", hint: "clusterflow config show" };

/** kafkajs wraps errors in errors, as `cause` or, for several topics at once, as `errors`; the last is the first. */
function causesOf(thrown: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (
    let error = thrown;
    error !== undefined && error !== null && !chain.includes(error);
    error = nextOf(error)
  ) {
    chain.push(error);
  }
  return chain;
}

function nextOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  if ("errors" in error && Array.isArray(error.errors)) return error.errors[0];
  return error.cause;
}

/** Names of kafkajs errors that say "not retriable" of themselves although the broker is merely away. */
const AWAY: ReadonlySet<string> = new Set([
  "KafkaJSGroupCoordinatorNotFound",
  "KafkaJSLockTimeout",
  "KafkaJSTimeout",
]);
/** What kafkajs says, as a bare Error, when it could connect and nothing was ever answered. */
const FROZEN = "Broker not connected";

function isPassing(error: unknown, type: string | null): boolean {
  if (type !== null && PASSING_TYPES.has(type)) return true;
  if (!(error instanceof Error)) return false;
  if (isCutLogin(error)) return true;
  if (error instanceof TimeLimitError || AWAY.has(error.name) || error.message === FROZEN) return true;
  return "retriable" in error && error.retriable === true;
}

/** Sentences for what the operating system says in one word. */
const BY_SYSTEM_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name cannot be looked up at the moment",
  ETIMEDOUT: "no answer (connection timed out)",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "no route to the host",
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message === FROZEN) return "it accepts connections and does not answer";
  const broker = textOf(error, "broker");
  const system = BY_SYSTEM_CODE[textOf(error, "code") ?? ""];
  if (system !== undefined) return broker === null ? system : `${broker}: ${system}`;
  return broker === null || error.message.includes(broker) ? error.message : `${broker}: ${error.message}`;
}

function textOf(error: unknown, name: "type" | "code" | "broker"): string | null {
  if (typeof error !== "object" || error === null) return null;
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : null;
}
