import { createRequire } from "node:module";
import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import { ClusterflowError } from "../../src/core/errors.ts";
import { toKafkaError } from "../../src/kafka/errors.ts";

interface VendorErrors {
  readonly errorCodes: readonly { readonly type: string; readonly code: number }[];
  createErrorFromCode(code: number): Error;
}

const vendor = createRequire(import.meta.url)("kafkajs/src/protocol/error.js") as VendorErrors;
const settings = { brokers: ["k1:9092", "k2:9092"], topic: "cluster-info" };

function protocolError(type: string): Error {
  return vendor.createErrorFromCode(vendor.errorCodes.find((error) => error.type === type)!.code);
}

function connectionError(code: string): Error {
  return new kafkajs.KafkaJSConnectionError(`Connection error: ${code}`, { broker: "k1:9092", code });
}

describe("toKafkaError", () => {
  it("names the brokers and says in words what the operating system says in a code", () => {
    const error = toKafkaError(connectionError("ECONNREFUSED"), settings);
    expect(error.message).toBe(
      "Kafka at k1:9092, k2:9092: k1:9092: nothing listens there (connection refused)",
    );
    expect(error).toMatchObject({ code: "unreachable", retryable: true, vendorCode: "ECONNREFUSED" });
  });

  it("waits for a host that cannot be found, since names come and go with their pods", () => {
    expect(toKafkaError(connectionError("ENOTFOUND"), settings)).toMatchObject({
      message: "Kafka at k1:9092, k2:9092: k1:9092: no such host",
      code: "unreachable",
      retryable: true,
    });
  });

  it("asks for the local stack only when the brokers are on this machine", () => {
    const hintFor = (brokers: string[]) =>
      toKafkaError(connectionError("ENOTFOUND"), { ...settings, brokers }).hint;
    const local = "is the broker running? clusterflow local status";
    expect([hintFor(["localhost:9092"]), hintFor(["127.0.0.1:1", "[::1]:2"])]).toEqual([local, local]);
    expect(hintFor(["k1:9092", "localhost:9092"])).toBe(
      "are these brokers right, and running? clusterflow config show --origin",
    );
  });

  it("names the topic that is to be made", () => {
    expect(toKafkaError(protocolError("UNKNOWN_TOPIC_OR_PARTITION"), settings, "mine").hint).toBe(
      "is KAFKA_TOPIC (--topic) right? the collector creates it: clusterflow collect --topic mine",
    );
  });

  it.each([
    ["UNKNOWN_TOPIC_OR_PARTITION", "usage"],
    ["MESSAGE_TOO_LARGE", "data"],
    ["TOPIC_AUTHORIZATION_FAILED", "unreachable"],
    ["GROUP_AUTHORIZATION_FAILED", "unreachable"],
    ["SASL_AUTHENTICATION_FAILED", "unreachable"],
    ["INVALID_REPLICATION_FACTOR", "usage"],
    ["INCONSISTENT_GROUP_PROTOCOL", "usage"],
  ] as const)("does not wait for %s to pass, and hints at what to change", (type, code) => {
    const error = toKafkaError(protocolError(type), settings);
    expect(error).toMatchObject({ code, retryable: false, vendorCode: type });
    expect(error.hint).not.toBeNull();
  });

  it("names the topic that does not exist, and how to create it", () => {
    const error = toKafkaError(protocolError("UNKNOWN_TOPIC_OR_PARTITION"), settings, "quiz-events");
    expect(error.message).toContain('topic "quiz-events" does not exist');
    expect(error.hint).toContain("clusterflow collect");
  });

  it.each([
    "NOT_LEADER_FOR_PARTITION",
    "LEADER_NOT_AVAILABLE",
    "NOT_ENOUGH_REPLICAS",
    "REQUEST_TIMED_OUT",
    "GROUP_COORDINATOR_NOT_AVAILABLE",
    "GROUP_LOAD_IN_PROGRESS",
    "KAFKA_STORAGE_ERROR",
    "UNKNOWN_MEMBER_ID",
    "ILLEGAL_GENERATION",
    "BROKER_NOT_AVAILABLE",
  ])("calls %s an outage", (type) => {
    expect(toKafkaError(protocolError(type), settings)).toMatchObject({
      code: "unreachable",
      retryable: true,
    });
  });

  it("finds the first cause beneath the wrappings of kafkajs", () => {
    const wrapped = new kafkajs.KafkaJSNumberOfRetriesExceeded(protocolError("TOPIC_AUTHORIZATION_FAILED"), {
      retryCount: 3,
      retryTime: 1,
    });
    expect(toKafkaError(wrapped, settings).vendorCode).toBe("TOPIC_AUTHORIZATION_FAILED");
    const aggregate = new kafkajs.KafkaJSAggregateError("Topic creation errors", [
      protocolError("POLICY_VIOLATION"),
    ]);
    expect(toKafkaError(aggregate, settings).vendorCode).toBe("POLICY_VIOLATION");
  });

  it("keeps an error of ours that kafkajs carried", () => {
    const own = new ClusterflowError("a batch cannot be read", { code: "wrong" });
    const carried = new kafkajs.KafkaJSNumberOfRetriesExceeded(own, { retryCount: 3, retryTime: 1 });
    expect(toKafkaError(carried, settings)).toBe(own);
  });

  it("calls everything else unexpected and does not wait for it", () => {
    expect(toKafkaError(new TypeError("x is not a function"), settings)).toMatchObject({
      code: "unexpected",
      retryable: false,
    });
    expect(toKafkaError("text", settings).message).toContain("text");
  });
});

describe("a login", () => {
  const failed = (why: string): Error => {
    const error = new kafkajs.KafkaJSNonRetriableError(`SASL PLAIN authentication failed: ${why}`);
    return Object.assign(error, { name: "KafkaJSSASLAuthenticationError" });
  };

  it("that was refused is not tried again, and the broker's own words are not repeated", () => {
    const error = toKafkaError(failed("canary is not the password"), settings);
    expect(error).toMatchObject({ code: "unreachable", retryable: false });
    expect(error.message).toBe("Kafka at k1:9092, k2:9092: the login was refused");
  });

  it.each(["Closed connection", "Connection error: read ECONNRESET", "Request SaslAuthenticate timed out"])(
    "that was cut off is: %s",
    (why) => {
      expect(toKafkaError(failed(why), settings)).toMatchObject({ code: "unreachable", retryable: true });
    },
  );

  it("with somebody who does not know the password either is told", () => {
    const error = toKafkaError(failed("Invalid server signature in server final message"), settings);
    expect(error.message).toContain("it may not be the broker");
    expect(error.retryable).toBe(false);
  });
});
