import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecureBroker, USER, type SecureBroker } from "../kafka/security/secure-broker.ts";
import { createAuthority, type Authority } from "../support/certificates.ts";
import { databaseEnvironment, runCli, temporaryFolder, type CliResult } from "../support/cli.ts";
import { simulatedCluster } from "../support/simulated-cluster.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

let authority: Authority;
let broker: SecureBroker;
beforeAll(async () => {
  authority = createAuthority();
  broker = await openSecureBroker(authority);
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
});

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

/** SASL_SSL with SCRAM and a client certificate, every secret by its file. */
async function secureEnvironment(folder: Folder): Promise<Record<string, string>> {
  const { cert, key } = authority.issue("DNS:clusterflow");
  return {
    KAFKA_ENABLED: "true",
    KAFKA_BROKERS: broker.address("SASLMTLS"),
    KAFKA_TOPIC: testTopicName("secure"),
    KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
    KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
    KAFKA_SASL_USERNAME: USER.username,
    KAFKA_SASL_PASSWORD_FILE: await folder.write("password", `${USER.password}\n`),
    KAFKA_SSL_CA_LOCATION: authority.certFile,
    KAFKA_SSL_CERTIFICATE_LOCATION: await folder.write("client.crt", cert),
    KAFKA_SSL_KEY_LOCATION: await folder.write("client.key", key),
  };
}

it("a snapshot goes through a Kafka with TLS on both sides and a login, and is verified", async () => {
  await using folder = await temporaryFolder();
  await using cluster = await simulatedCluster(["--objects", "200"]);
  await using database = await testDatabase();
  const kafka = await secureEnvironment(folder);
  const collecting = { ...kafka, CLUSTERFLOW_KUBE_SERVER: cluster.url };
  const both = { ...kafka, ...databaseEnvironment(database.settings) };
  expect(await runCli(["collect", "--once"], { env: collecting })).toMatchObject({ status: 0 });
  expect(await runCli(["consume", "--until-end"], { env: both })).toMatchObject({ status: 0 });
  const verified = await runCli(["verify", "-o", "json"], { env: both });
  expect(verified).toMatchObject({ status: 0 });
  expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
});

describe("no secret is in any output", () => {
  const CANARY = "canary-8f3e";
  const secrets = {
    KAFKA_SASL_PASSWORD: CANARY,
    KAFKA_SSL_KEY_PASSWORD: CANARY,
    DATABASE_PASSWORD: CANARY,
    DATABASE_SSLPASSWORD: CANARY,
  };
  const clean = ({ stdout, stderr }: CliResult): void => {
    expect(`${stdout}${stderr}`).not.toBe("");
    expect(`${stdout}${stderr}`).not.toContain("canary");
  };

  it("of config show, with settings that fit and with settings that contradict each other", async () => {
    const oauth = {
      KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
      KAFKA_SASL_MECHANISM: "OAUTHBEARER",
      KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: `https://u:${CANARY}@h/`,
      KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: CANARY,
      DATABASE_URL: `postgres://u:${CANARY}/x@h/n`,
    };
    for (const env of [secrets, { ...secrets, ...oauth }]) {
      for (const role of ["collector", "consumer", "database"]) {
        for (const output of ["text", "json"]) {
          clean(await runCli(["config", "show", "--origin", "--role", role, "-o", output], { env }));
        }
      }
    }
  });

  it("of setup, its preview, its files' description and its command", async () => {
    await using folder = await temporaryFolder();
    const env = {
      KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
      ...{ KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_SASL_USERNAME: "u", KAFKA_SASL_PASSWORD: CANARY },
      DATABASE_PASSWORD: CANARY,
    };
    const words = ["setup", "--mode", "hybrid-kafka", "--yes"];
    for (const more of [["-n"], ["-n", "-o", "json"], [], ["--overwrite", "-o", "json"]]) {
      clean(await runCli([...words, ...more], { env, cwd: folder.path }));
    }
  });

  it.each([
    ["a wrong password", "SASLSSL", "SCRAM-SHA-256"],
    ["a wrong password", "SASLSSL", "PLAIN"],
    ["a mechanism that is not there", "SCRAMONLY", "PLAIN"],
  ] as const)("of a command that failed by %s: %s %s", async (_, listener, mechanism) => {
    const env = {
      KAFKA_ENABLED: "true",
      KAFKA_BROKERS: broker.address(listener),
      KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: USER.username,
      KAFKA_SASL_PASSWORD: CANARY,
      KAFKA_SSL_CA_LOCATION: authority.certFile,
      CLUSTERFLOW_KUBE_SERVER: "http://127.0.0.1:1",
      LOG_LEVEL: "debug",
    };
    for (const words of [["--debug"], ["-v", "-o", "json"]]) {
      const result = await runCli(["collect", "--once", ...words], { env });
      expect(result.status).toBe(3);
      clean(result);
    }
  });

  it("of a command that the database did not let in", async () => {
    await using database = await testDatabase();
    const env = { ...databaseEnvironment(database.settings), DATABASE_PASSWORD: CANARY };
    for (const words of [["--debug"], ["-o", "json"]]) clean(await runCli(["migrate", ...words], { env }));
  });
});
