import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { brokerProperties } from "../../../src/local/broker-properties.ts";
import { LAYOUT } from "../../../src/local/folders.ts";
import { kafkaArguments, type KafkaPlan } from "../../../src/local/kafka-server.ts";
import type { Authority, Pair } from "../../support/certificates.ts";
import { accepts, freePort, planBroker } from "../own-broker.ts";

/** What the brokers know of: PLAIN in a setting of theirs, SCRAM in the metadata. */
export const USER = { username: "alice", password: "canary 4711 #%&;" } as const;

const SASL = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER";

/** One listener each, all of the same broker. */
export const LISTENERS = {
  SSL: "SSL",
  MTLS: "SSL",
  ELSEWHERE: "SSL",
  EXPIRED: "SSL",
  SASLPLAIN: "SASL_PLAINTEXT",
  SASLSSL: "SASL_SSL",
  SASLMTLS: "SASL_SSL",
  SCRAMONLY: "SASL_SSL",
  BRIEF: "SASL_PLAINTEXT",
} as const;
export type Listener = keyof typeof LISTENERS;

export interface SecureBroker extends AsyncDisposable {
  /** `localhost:port` of a listener; PLAINTEXT is the one without anything. */
  address(listener: Listener | "PLAINTEXT"): string;
  log(): Promise<string>;
}

export async function openSecureBroker(authority: Authority): Promise<SecureBroker> {
  const dataDir = await mkdtemp(join(tmpdir(), "clusterflow-secure-broker-"));
  const plan = await planBroker(dataDir);
  const ports = new Map<string, number>();
  for (const name of Object.keys(LISTENERS)) ports.set(name, await freePort());
  await configure(plan, ports, authority);
  await format(plan);
  const log = await open(join(dataDir, "broker.log"), "a");
  const child = spawn(plan.java, kafkaArguments(plan), { cwd: dataDir, stdio: ["ignore", log.fd, log.fd] });
  await log.close();
  const readLog = (): Promise<string> => readFile(join(dataDir, "broker.log"), "utf8");
  const isUp = async (): Promise<boolean> => {
    const all = await Promise.all([...ports.values()].map(accepts));
    return all.every(Boolean);
  };
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(await readLog());
    await delay(100);
  }
  ports.set("PLAINTEXT", plan.broker.ports[0]!);
  return {
    address: (listener) => `localhost:${ports.get(listener)!}`,
    log: readLog,
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function configure(
  plan: KafkaPlan,
  ports: ReadonlyMap<string, number>,
  authority: Authority,
): Promise<void> {
  const { dataDir, broker } = plan;
  await mkdir(join(dataDir, LAYOUT.kafkaTemporary(broker.node)), { recursive: true });
  await writeFile(join(dataDir, LAYOUT.kafkaLogging), LOGGING);
  const properties = new Map(
    brokerProperties(broker)
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const more = (key: string, text: string): unknown => properties.set(key, `${properties.get(key)!},${text}`);
  for (const [name, port] of ports) {
    more("listeners", `${name}://127.0.0.1:${port}`);
    more("advertised.listeners", `${name}://localhost:${port}`);
  }
  more(
    "listener.security.protocol.map",
    Object.entries(LISTENERS)
      .map((pair) => pair.join(":"))
      .join(","),
  );
  for (const [key, value] of Object.entries(securityOf(authority))) properties.set(key, value);
  const text = [...properties].map(([key, value]) => `${key}=${value.replaceAll("\n", "\\n")}\n`);
  await writeFile(join(dataDir, LAYOUT.kafkaProperties(broker.node)), text.join(""));
}

function securityOf(authority: Authority): Record<string, string> {
  const good = authority.issue("DNS:localhost,IP:127.0.0.1");
  const expired = authority.issue("DNS:localhost", { from: "20200101000000Z", to: "20210101000000Z" });
  return {
    ...identity("ssl", good, authority),
    ...identity("mtls", good, authority, "required"),
    ...identity("elsewhere", authority.issue("DNS:elsewhere.example.org"), authority),
    ...identity("expired", expired, authority),
    ...identity("saslssl", good, authority),
    ...identity("saslmtls", good, authority, "required"),
    ...identity("scramonly", good, authority),
    ...logins("saslplain", SASL),
    ...logins("saslssl", SASL),
    ...logins("saslmtls", SASL),
    ...logins("scramonly", "SCRAM-SHA-256"),
    ...logins("brief", SASL),
    // tells clients how long a login holds, and cuts off who does not make it anew
    "connections.max.reauth.ms": "60000",
    ...Object.fromEntries(
      SASL.toLowerCase()
        .split(",")
        .map((mechanism) => [`listener.name.brief.${mechanism}.connections.max.reauth.ms`, "14000"]),
    ),
  };
}

function identity(name: string, { cert, key }: Pair, { cert: ca }: Authority, clientAuth = "none") {
  const prefix = `listener.name.${name}.ssl`;
  return {
    [`${prefix}.keystore.type`]: "PEM",
    [`${prefix}.keystore.certificate.chain`]: cert,
    [`${prefix}.keystore.key`]: key,
    [`${prefix}.truststore.type`]: "PEM",
    [`${prefix}.truststore.certificates`]: ca,
    [`${prefix}.client.auth`]: clientAuth,
  };
}

function logins(name: string, mechanisms: string): Record<string, string> {
  const prefix = `listener.name.${name}`;
  const package_ = "org.apache.kafka.common.security";
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: mechanisms,
    [`${prefix}.plain.sasl.jaas.config`]: `${package_}.plain.PlainLoginModule required user_${USER.username}="${USER.password}";`,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: `${package_}.scram.ScramLoginModule required;`,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: `${package_}.scram.ScramLoginModule required;`,
    [`${prefix}.oauthbearer.sasl.jaas.config`]: `${package_}.oauthbearer.OAuthBearerLoginModule required;`,
    [`${prefix}.oauthbearer.sasl.server.callback.handler.class`]: `${package_}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`,
  };
}

async function format(plan: KafkaPlan): Promise<void> {
  const users = ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
    "--add-scram",
    `${mechanism}=[name=${USER.username},password="${USER.password}"]`,
  ]);
  const properties = LAYOUT.kafkaProperties(plan.broker.node);
  const tool = ["kafka.tools.StorageTool", "format", `--cluster-id=${plan.clusterId}`, "-c", properties];
  const words = [
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-cp",
    join(plan.jars, "*"),
    ...tool,
    ...users,
  ];
  await promisify(execFile)(plan.java, words, { cwd: plan.dataDir });
}

const LOGGING = `
Configuration:
  Appenders: { Console: { name: out, PatternLayout: { pattern: "%p %c %m%n" } } }
  Loggers: { Root: { level: warn, AppenderRef: [{ ref: out }] } }
`;
