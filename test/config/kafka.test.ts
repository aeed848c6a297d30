import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCollectorSettings } from "../../src/config/collector.ts";
import { explainSettings } from "../../src/config/explain.ts";
import type { KafkaSecurity } from "../../src/config/parts.ts";
import { makeFolder, makeInput, thrownBy } from "./make-input.ts";

const CANARY = "canary-77d0";
const FAR = { KAFKA_ENABLED: "true", KAFKA_BROKERS: "localhost:9092,k2.example.org:9092" };
const NEAR = { KAFKA_ENABLED: "true", KAFKA_BROKERS: "localhost:9092,127.0.0.1:9093,[::1]:9094" };
const USER = { KAFKA_SASL_USERNAME: "u", KAFKA_SASL_PASSWORD: CANARY };
const CLIENT = {
  KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: "https://login.example.org/token",
  KAFKA_SASL_OAUTHBEARER_CLIENT_ID: "c",
  KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: CANARY,
};

type Environment = Record<string, string>;

function load(environment: Environment, flags: Record<string, unknown> = {}) {
  const directory = makeFolder({ "ca.pem": "", "c.pem": "", "k.pem": "", secret: `${CANARY}\n` });
  const { settings, notices } = loadCollectorSettings({ ...makeInput({ environment, flags }), directory });
  return { security: settings.kafka?.security, notices, directory };
}

function problemsOf(environment: Environment): string {
  const error = thrownBy(() => load(environment));
  expect(error.code).toBe("usage");
  expect(JSON.stringify([error.message, error.hint])).not.toContain(CANARY);
  return error.message;
}

describe("the security of Kafka", () => {
  it("is none when nobody asks for any", () => {
    expect(load(NEAR).security).toBeUndefined();
    expect(load({ ...NEAR, KAFKA_SECURITY_PROTOCOL: "plaintext" }).security).toBeUndefined();
  });

  it("is TLS with the brokers checked, and with a client certificate", () => {
    const { security, directory } = load({
      ...FAR,
      KAFKA_SECURITY_PROTOCOL: "SSL",
      KAFKA_SSL_CA_LOCATION: "ca.pem",
      KAFKA_SSL_CERTIFICATE_LOCATION: "c.pem",
      KAFKA_SSL_KEY_LOCATION: "k.pem",
      KAFKA_SSL_KEY_PASSWORD_FILE: "secret",
    });
    expect(security).toEqual<KafkaSecurity>({
      tls: {
        caFile: join(directory, "ca.pem"),
        client: {
          certFile: join(directory, "c.pem"),
          keyFile: join(directory, "k.pem"),
          keyPassword: CANARY,
        },
      },
      sasl: null,
      mayExposePassword: false,
    });
  });

  it.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const)("is a login by %s", (mechanism) => {
    const { security, notices } = load({
      ...{ ...FAR, ...USER },
      KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
      KAFKA_SASL_MECHANISM: mechanism.toLowerCase(),
    });
    expect(security).toMatchObject({
      tls: { caFile: null, client: null },
      sasl: { mechanism, username: "u", password: CANARY },
    });
    expect(notices).toEqual([]);
  });

  it("is a token for client credentials, or one that lies in a file", () => {
    const oauth = { ...FAR, KAFKA_SECURITY_PROTOCOL: "SASL_SSL", KAFKA_SASL_MECHANISM: "OAUTHBEARER" };
    expect(load({ ...oauth, ...CLIENT }).security?.sasl).toEqual({
      mechanism: "OAUTHBEARER",
      tokens: {
        kind: "endpoint",
        url: CLIENT.KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL,
        clientId: "c",
        clientSecret: CANARY,
        scope: null,
        caFile: null,
      },
    });
    const { security, directory } = load({ ...oauth, KAFKA_SASL_OAUTHBEARER_TOKEN_FILE: "token" });
    expect(security?.sasl).toMatchObject({ tokens: { kind: "file", path: join(directory, "token") } });
  });

  it("can be given by flags, secrets as files", () => {
    const flags = {
      kafkaSecurityProtocol: "SASL_SSL",
      kafkaSaslMechanism: "PLAIN",
      kafkaSaslUsername: "u",
      kafkaSaslPasswordFile: "secret",
    };
    expect(load(FAR, flags).security?.sasl).toMatchObject({ username: "u", password: CANARY });
  });
});

describe("settings of Kafka's security that contradict each other", () => {
  const tls = { ...FAR, KAFKA_SECURITY_PROTOCOL: "SSL" };
  const sasl = { ...FAR, KAFKA_SECURITY_PROTOCOL: "SASL_SSL" };
  const oauth = { ...sasl, KAFKA_SASL_MECHANISM: "OAUTHBEARER" };
  const key = { KAFKA_SSL_KEY_LOCATION: "k.pem" };
  it.each<[Environment, string]>([
    [{ ...FAR, KAFKA_SECURITY_PROTOCOL: "TLS" }, "wanted is one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"],
    [
      { ...FAR, KAFKA_SASL_USERNAME: "u" },
      "contradicts KAFKA_SECURITY_PROTOCOL=PLAINTEXT, which has no SASL",
    ],
    [{ ...tls, KAFKA_SASL_MECHANISM: "PLAIN" }, "contradicts KAFKA_SECURITY_PROTOCOL=SSL, which has no SASL"],
    [{ ...FAR, KAFKA_SSL_CA_LOCATION: "ca.pem" }, "PLAINTEXT, which has no TLS"],
    [sasl, "a SASL protocol needs KAFKA_SASL_MECHANISM"],
    [{ ...sasl, KAFKA_SASL_MECHANISM: "GSSAPI" }, "wanted is one of PLAIN, SCRAM-SHA-256"],
    [{ ...sasl, ...USER, KAFKA_SASL_MECHANISM: "SCRAM-SHA-1" }, "wanted is one of PLAIN, SCRAM-SHA-256"],
    [{ ...sasl, KAFKA_SASL_MECHANISM: "PLAIN" }, "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE"],
    [
      { ...sasl, ...USER, KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_SASL_USERNAME: "" },
      "needs KAFKA_SASL_USERNAME",
    ],
    [
      { ...sasl, ...USER, ...CLIENT, KAFKA_SASL_MECHANISM: "PLAIN" },
      "contradicts KAFKA_SASL_MECHANISM=PLAIN",
    ],
    [{ ...oauth, ...CLIENT, ...USER }, "contradicts KAFKA_SASL_MECHANISM=OAUTHBEARER"],
    [oauth, "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET_FILE"],
    [
      { ...oauth, ...CLIENT, KAFKA_SASL_OAUTHBEARER_TOKEN_FILE: "t" },
      "contradicts KAFKA_SASL_OAUTHBEARER_TOKEN_FILE",
    ],
    [
      { ...oauth, ...CLIENT, KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: "http://login.example.org/token" },
      "http:// on this machine only",
    ],
    [{ ...tls, ...key }, "KAFKA_SSL_KEY_LOCATION is given without KAFKA_SSL_CERTIFICATE_LOCATION"],
    [{ ...tls, KAFKA_SSL_CERTIFICATE_LOCATION: "c.pem" }, "is given without KAFKA_SSL_KEY_LOCATION"],
    [
      { ...tls, KAFKA_SSL_KEY_PASSWORD: CANARY },
      "KAFKA_SSL_KEY_PASSWORD is given without KAFKA_SSL_KEY_LOCATION",
    ],
    [{ ...tls, KAFKA_SSL_CA_LOCATION: "none.pem" }, "the path of a file, and that one does not exist"],
    [{ ...tls, KAFKA_SSL_CA_LOCATION: "." }, "that one is a directory"],
  ])("are told: %o", (environment, sentence) => {
    expect(problemsOf(environment)).toContain(sentence);
  });

  it("include a private key that others can read", () => {
    const directory = makeFolder({ "c.pem": "", "k.pem": "" });
    chmodSync(join(directory, "k.pem"), 0o640);
    const environment = { ...tls, ...key, KAFKA_SSL_CERTIFICATE_LOCATION: "c.pem" };
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chmodSync(join(directory, "k.pem"), 0o604); // root's may be shared with a group
    const { message } = thrownBy(() => loadCollectorSettings({ ...makeInput({ environment }), directory }));
    expect(message).toContain(`has mode ${isRoot ? "0604" : "0640"}, so others can read it: chmod 600`);
  });

  it("include kafkajs's switch that prints every request, with a login only", () => {
    const debug = { KAFKAJS_DEBUG_PROTOCOL_BUFFERS: "1" };
    expect(problemsOf({ ...sasl, ...USER, ...debug, KAFKA_SASL_MECHANISM: "PLAIN" })).toContain(
      "KAFKAJS_DEBUG_PROTOCOL_BUFFERS=1 in the environment prints requests with the secrets in them",
    );
    expect(load({ ...NEAR, ...debug }).security).toBeUndefined();
  });
});

describe("a secret without TLS", () => {
  const plain = { ...USER, KAFKA_SECURITY_PROTOCOL: "SASL_PLAINTEXT" };
  const oauth = { ...CLIENT, KAFKA_SECURITY_PROTOCOL: "SASL_PLAINTEXT", KAFKA_SASL_MECHANISM: "OAUTHBEARER" };

  it("does not leave the machine, unless a switch with a loud name says so", () => {
    const byPlain = { ...plain, KAFKA_SASL_MECHANISM: "PLAIN" };
    expect(problemsOf({ ...FAR, ...byPlain })).toBe(
      "KAFKA_SASL_MECHANISM=PLAIN without TLS would send the password to k2.example.org:9092 in plain text",
    );
    expect(problemsOf({ ...FAR, ...oauth })).toContain("would send the token");
    expect(load({ ...NEAR, ...byPlain }).notices).toEqual([]);
    expect(load({ ...NEAR, ...oauth }).notices).toEqual([]);
    const allowed = load({ ...FAR, ...byPlain }, { insecureSendPasswordInPlainText: true });
    expect(allowed.security?.mayExposePassword).toBe(true);
    expect(allowed.notices[0]).toContain("INSECURE: the password for Kafka goes to k2.example.org:9092");
  });

  it("by SCRAM is not given away, and the rest is told", () => {
    const { notices } = load({ ...FAR, ...plain, KAFKA_SASL_MECHANISM: "SCRAM-SHA-512" });
    expect(notices).toEqual([
      "KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT: everything goes to k2.example.org:9092 unencrypted",
    ]);
  });
});

it("the rule of the two modes holds for the security of Kafka, too", () => {
  const environment = { CLUSTERFLOW_MODE: "legacy", DB_NAME: "n", DB_USER: "u", ...USER };
  expect(problemsOf(environment)).toContain(
    "KAFKA_SASL_PASSWORD in the environment: unset KAFKA_SASL_PASSWORD",
  );
  const database = { ...FAR, KAFKA_SECURITY_PROTOCOL: "SSL", PGSSLKEY: "/k.pem" };
  expect(problemsOf(database)).toContain("PGSSLKEY in the environment: unset PGSSLKEY");
});

it("secrets are masked where settings are shown", () => {
  const environment = {
    ...{ ...FAR, ...USER, KAFKA_SSL_KEY_PASSWORD: CANARY },
    KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: CANARY,
  };
  const told = explainSettings(makeInput({ environment }), "consumer");
  const shown = Object.fromEntries(told.settings.map(({ name, value }) => [name, value]));
  expect(shown).toMatchObject({
    KAFKA_SASL_USERNAME: "u",
    KAFKA_SASL_PASSWORD: "***",
    KAFKA_SSL_KEY_PASSWORD: "***",
    KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: "***",
  });
  expect(JSON.stringify(told)).not.toContain(CANARY);
});
