import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KafkaSasl, KafkaSecurity, KafkaSettings, SaslMechanism } from "../../src/config/parts.ts";
import { ClusterflowError } from "../../src/core/errors.ts";
import { readRange, topicOffsets } from "../../src/kafka/reader.ts";
import { openKafkaSink } from "../../src/kafka/sink.ts";
import { openKafkaSource } from "../../src/kafka/source.ts";
import { createAuthority, type Authority } from "../support/certificates.ts";
import { testTopicName } from "../support/servers.ts";
import { temporaryDirectory, type TemporaryDirectory } from "../kubernetes/temporary.ts";
import { MemoryStore, Told } from "./memory-store.ts";
import { openSecureBroker, USER, type Listener, type SecureBroker } from "./security/secure-broker.ts";
import { CLIENT, openTokenServer, unsignedToken, type TokenServer } from "./security/token-server.ts";

let files: TemporaryDirectory;
let authority: Authority;
let stranger: Authority;
let broker: SecureBroker;
let tokens: TokenServer;
let client: { certFile: string; keyFile: string; keyPassword: null };
let strange: typeof client;

beforeAll(async () => {
  files = temporaryDirectory();
  [authority, stranger] = [createAuthority(), createAuthority()];
  broker = await openSecureBroker(authority);
  tokens = await openTokenServer(authority.issue("DNS:localhost"));
  client = certificateOf(authority, "client");
  strange = certificateOf(stranger, "strange");
});
afterAll(async () => {
  await tokens[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
  for (const each of [authority, stranger, files]) each[Symbol.dispose]();
});

function certificateOf(by: Authority, name: string): typeof client {
  const { cert, key } = by.issue(`DNS:${name}`);
  return {
    certFile: files.write(`${name}.crt`, cert),
    keyFile: files.write(`${name}.key`, key),
    keyPassword: null,
  };
}

const trusting = (more: Partial<KafkaSecurity["tls"] & object> = {}): KafkaSecurity["tls"] => ({
  ...{ caFile: authority.certFile, client: null },
  ...more,
});

function loginBy(mechanism: SaslMechanism, password: string = USER.password): KafkaSasl {
  if (mechanism !== "OAUTHBEARER") return { mechanism, username: USER.username, password };
  const clientSecret = password === USER.password ? CLIENT.clientSecret : password;
  const endpoint = { url: tokens.url, clientId: CLIENT.clientId, clientSecret, scope: "kafka" };
  return { mechanism, tokens: { kind: "endpoint", ...endpoint, caFile: authority.certFile } };
}

function settingsFor(listener: Listener | "PLAINTEXT", security: Partial<KafkaSecurity> = {}): KafkaSettings {
  return {
    brokers: [broker.address(listener)],
    topic: testTopicName("secure"),
    security: { tls: null, sasl: null, mayExposePassword: false, ...security },
  };
}

const signal = new AbortController().signal;

async function produce(settings: KafkaSettings): Promise<void> {
  await using sink = await openKafkaSink({
    settings,
    topic: { name: settings.topic, partitions: 1, config: {} },
    ...{ tell: new Told().tell, signal, giveUpAfterMs: null },
  });
  await sink.write([{ key: "k", value: "v", headers: {} }], signal);
}

async function consume(settings: KafkaSettings): Promise<string[]> {
  const store = new MemoryStore();
  await using source = await openKafkaSource({
    ...{ settings, topic: settings.topic, group: settings.topic, ledger: store, deliver: store.deliver },
    ...{ untilEnd: true, giveUpAfterMs: null, queueBytes: 1024 * 1024, tell: new Told().tell },
  });
  await source.run(signal);
  return store.values();
}

async function read(settings: KafkaSettings): Promise<string[]> {
  const values: string[] = [];
  const [marks] = await topicOffsets(settings, settings.topic);
  const range = { topic: settings.topic, partition: 0, first: 0n, last: marks!.high - 1n };
  await readRange(settings, range, ({ value }) => void values.push(value?.toString() ?? ""));
  return values;
}

async function expectRoundTrip(settings: KafkaSettings): Promise<void> {
  await produce(settings);
  expect(await consume(settings)).toEqual(["v"]);
  expect(await read(settings)).toEqual(["v"]);
}

/** Nobody limits the waiting, so an error means that it was seen that waiting is in vain. */
async function expectRefusal(settings: KafkaSettings, says: RegExp, hint: RegExp): Promise<void> {
  const topic = await existingTopic();
  const ends = await Promise.allSettled([produce(settings), consume({ ...settings, topic })]);
  for (const end of ends) {
    const error: unknown = end.status === "rejected" ? end.reason : null;
    if (!(error instanceof ClusterflowError)) throw new Error("was not refused", { cause: error });
    const { code, message, hint: told, retryable } = error;
    expect({ code, retryable }).toEqual({ code: "unreachable", retryable: false });
    expect(message).toMatch(says);
    expect(`${message}${told ?? ""}`).not.toMatch(/\n|canary/);
    expect(told).toMatch(hint);
  }
}

let existing: Promise<string> | null = null;
function existingTopic(): Promise<string> {
  const settings = settingsFor("PLAINTEXT");
  existing ??= produce(settings).then(() => settings.topic);
  return existing;
}

const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] as const;

describe.concurrent("messages go there and back", () => {
  it("through TLS", async () => {
    await expectRoundTrip(settingsFor("SSL", { tls: trusting() }));
  });

  it("through TLS on both sides", async () => {
    await expectRoundTrip(settingsFor("MTLS", { tls: trusting({ client }) }));
  });

  it.each(MECHANISMS)("after a login by %s without TLS, on this machine", async (mechanism) => {
    await expectRoundTrip(settingsFor("SASLPLAIN", { sasl: loginBy(mechanism) }));
  });

  it.each(MECHANISMS)("after a login by %s through TLS", async (mechanism) => {
    await expectRoundTrip(settingsFor("SASLSSL", { tls: trusting(), sasl: loginBy(mechanism) }));
  });

  it("after a login through TLS on both sides", async () => {
    const sasl = loginBy("SCRAM-SHA-512");
    await expectRoundTrip(settingsFor("SASLMTLS", { tls: trusting({ client }), sasl }));
  });

  it("after a login with a token from a file", async () => {
    const path = files.write("token", `${unsignedToken()}\n`);
    const sasl = { mechanism: "OAUTHBEARER", tokens: { kind: "file", path } } as const;
    await expectRoundTrip(settingsFor("SASLSSL", { tls: trusting(), sasl }));
  });
});

describe.concurrent("told at once, with what to set, and not waited for:", () => {
  const TRUST = /KAFKA_SSL_CA_LOCATION/;
  it.each(["SSL", "MTLS", "SASLSSL", "SASLMTLS"] as const)("a CA that is not ours: %s", async (listener) => {
    const sasl = listener.startsWith("SASL") ? loginBy("PLAIN") : null;
    const wrong = settingsFor(listener, { tls: trusting({ caFile: stranger.certFile, client }), sasl });
    await expectRefusal(wrong, /signed by an authority that is not trusted here$/, TRUST);
    const none = settingsFor(listener, { tls: trusting({ caFile: null, client }), sasl });
    await expectRefusal(none, /signed by an authority that is not trusted here$/, TRUST);
  });

  it("a certificate for another host", async () => {
    const settings = settingsFor("ELSEWHERE", { tls: trusting() });
    await expectRefusal(settings, /is for another host: .*elsewhere\.example\.org/, /advertised\.listeners/);
  });

  it("a certificate that has expired", async () => {
    await expectRefusal(settingsFor("EXPIRED", { tls: trusting() }), /has expired$/, /renewed/);
  });

  it.each(["MTLS", "SASLMTLS"] as const)("no client certificate, or a strange one: %s", async (listener) => {
    const sasl = listener === "SASLMTLS" ? loginBy("PLAIN") : null;
    for (const shown of [null, strange]) {
      const settings = settingsFor(listener, { tls: trusting({ client: shown }), sasl });
      await expectRefusal(
        settings,
        /did not accept our client certificate/,
        /KAFKA_SSL_CERTIFICATE_LOCATION/,
      );
    }
  });

  it.each(MECHANISMS)("a wrong password: %s", async (mechanism) => {
    const sasl = loginBy(mechanism, "canary-wrong");
    const says = mechanism === "OAUTHBEARER" ? /gave no token: it answered 401$/ : /the login was refused$/;
    const hint = mechanism === "OAUTHBEARER" ? /_CLIENT_SECRET/ : /KAFKA_SASL_PASSWORD/;
    await expectRefusal(settingsFor("SASLSSL", { tls: trusting(), sasl }), says, hint);
    await expectRefusal(settingsFor("SASLPLAIN", { sasl }), says, hint);
  });

  it("a token that the broker does not take", async () => {
    const path = files.write("old-token", unsignedToken(-60));
    const sasl = { mechanism: "OAUTHBEARER", tokens: { kind: "file", path } } as const;
    await expectRefusal(settingsFor("SASLPLAIN", { sasl }), /did not accept the token$/, /clocks/);
  });

  it("a mechanism that the broker does not know", async () => {
    const settings = settingsFor("SCRAMONLY", { tls: trusting(), sasl: loginBy("PLAIN") });
    await expectRefusal(settings, /does not take this SASL mechanism/, /sasl\.enabled\.mechanisms/);
  });

  it("a port for TLS spoken to without", async () => {
    await expectRefusal(settingsFor("SSL"), /it speaks TLS on this port/, /KAFKA_SECURITY_PROTOCOL=SSL/);
    const login = settingsFor("SASLSSL", { sasl: loginBy("SCRAM-SHA-256") });
    await expectRefusal(login, /it speaks TLS on this port/, /SASL_SSL/);
  });

  it("a port without TLS spoken to in TLS", async () => {
    const settings = settingsFor("PLAINTEXT", { tls: trusting() });
    await expectRefusal(settings, /does not speak TLS on this port$/, /KAFKA_SECURITY_PROTOCOL=PLAINTEXT/);
    const login = settingsFor("SASLPLAIN", { tls: trusting(), sasl: loginBy("PLAIN") });
    await expectRefusal(login, /does not speak TLS on this port$/, /SASL_PLAINTEXT/);
  });

  it("a login where there is none", async () => {
    const settings = settingsFor("SSL", { tls: trusting(), sasl: loginBy("PLAIN") });
    await expectRefusal(settings, /takes no login on this port$/, /KAFKA_SECURITY_PROTOCOL/);
  });
});

it("a key that does not belong to its certificate is told by the names of the settings", async () => {
  const tls = trusting({ client: { ...client, keyFile: strange.keyFile } });
  await expect(produce(settingsFor("MTLS", { tls }))).rejects.toMatchObject({
    code: "usage",
    hint: expect.stringContaining("KAFKA_SSL_KEY_LOCATION") as string,
  });
});

it("a certificate and a key that are renewed count from the next connection on", async () => {
  const renewed = certificateOf(stranger, "renewed");
  const settings = settingsFor("MTLS", { tls: trusting({ client: renewed }) });
  await expect(produce(settings)).rejects.toMatchObject({ code: "unreachable" });
  const { cert, key } = authority.issue("DNS:renewed");
  writeFileSync(renewed.certFile, cert);
  writeFileSync(renewed.keyFile, key);
  await produce(settings);
});

describe.concurrent("a login that holds for 14 s", () => {
  it.each(MECHANISMS)(
    "is made anew again and again by a consumer that goes on meanwhile: %s",
    async (mechanism) => {
      await using server = await openTokenServer(authority.issue("DNS:localhost"), (_, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ access_token: unsignedToken(14), expires_in: 14 }));
      });
      const endpoint = { url: server.url, ...CLIENT, scope: "kafka", caFile: authority.certFile };
      const sasl: KafkaSasl =
        mechanism === "OAUTHBEARER"
          ? { mechanism, tokens: { kind: "endpoint", ...endpoint } }
          : loginBy(mechanism);
      const settings = settingsFor("BRIEF", { sasl });
      const open = { ...settingsFor("PLAINTEXT"), topic: settings.topic };
      await produce(open);
      const store = new MemoryStore();
      const told = new Told();
      await using source = await openKafkaSource({
        ...{ settings, topic: settings.topic, group: settings.topic, ledger: store, deliver: store.deliver },
        ...{ untilEnd: false, giveUpAfterMs: null, queueBytes: 1024 * 1024, tell: told.tell },
      });
      const stopping = new AbortController();
      const running = source.run(stopping.signal);
      await told.until(() => store.records.length === 1);
      const begun = performance.now();
      for (let count = 2; performance.now() - begun < 33_000; count += 1) {
        await produce(open);
        await told.until(() => store.records.length === count);
        await delay(500);
      }
      stopping.abort();
      const { read } = await running;
      expect(read).toBe(store.records.length);
      // one session, which nobody cut off: the broker does that at the first request after 14 s
      expect(told.of("assigned")).toHaveLength(1);
      if (mechanism === "OAUTHBEARER") expect(server.asked.length).toBeGreaterThan(3);
    },
  );
});
