import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sameSetup } from "../../../src/config/setup/command-line.ts";
import { maskedSettings, renderFile, setupFiles } from "../../../src/config/setup/files.ts";
import { gatherAnswers } from "../../../src/config/setup/gather.ts";
import type { SetupInput } from "../../../src/config/setup/gathering.ts";
import { makeFolder } from "../make-input.ts";
import { CANARY } from "./answers-of.ts";

const PROTOCOL = { kafkaSecurityProtocol: "SASL_SSL", kafkaSaslMechanism: "PLAIN", kafkaSaslUsername: "u" };

function inputOf(given: Partial<SetupInput>, files: Record<string, string> = {}): SetupInput {
  const directory = makeFolder({ secret: CANARY, "ca.pem": "", ...files });
  const nothing = { flags: {}, environment: {}, existing: [], local: null, passwordFromStdin: null };
  return { ...nothing, directory, takesDefaults: true, ...given };
}

async function linesOf(input: SetupInput): Promise<string[]> {
  const files = setupFiles((await gatherAnswers(input, "hybrid-kafka", null)).answers);
  const [collector, consumer] = files.map((file) =>
    renderFile(file)
      .split("\n")
      .filter((line) => /KAFKA_(SEC|SASL|SSL|INSEC)/.test(line)),
  );
  expect(consumer).toEqual(collector);
  return collector ?? [];
}

describe("the security of Kafka in a setup", () => {
  it("stands in both files, secrets by their files, and in the command that does the same again", async () => {
    const flags = { ...PROTOCOL, kafkaSaslPasswordFile: "secret", kafkaSslCaLocation: "ca.pem" };
    const input = inputOf({ flags });
    expect(await linesOf(input)).toEqual([
      "export KAFKA_SECURITY_PROTOCOL=SASL_SSL",
      "export KAFKA_SASL_MECHANISM=PLAIN",
      "export KAFKA_SASL_USERNAME=u",
      `export KAFKA_SASL_PASSWORD_FILE=${join(input.directory, "secret")}`,
      `export KAFKA_SSL_CA_LOCATION=${join(input.directory, "ca.pem")}`,
    ]);
    const { answers } = await gatherAnswers(input, "hybrid-kafka", null);
    expect(sameSetup(answers, "env", null)).toContain(
      "--kafka-security-protocol SASL_SSL --kafka-sasl-mechanism PLAIN --kafka-sasl-username u " +
        `--kafka-sasl-password-file ${join(input.directory, "secret")}`,
    );
  });

  it("that is a text comes from the environment only, and is never shown", async () => {
    const input = inputOf({ flags: PROTOCOL, environment: { KAFKA_SASL_PASSWORD: CANARY } });
    expect(await linesOf(input)).toContain(`export KAFKA_SASL_PASSWORD=${CANARY}`);
    const { answers } = await gatherAnswers(input, "hybrid-kafka", null);
    const shown = [sameSetup(answers, "env", null), setupFiles(answers).map(maskedSettings)];
    expect(JSON.stringify(shown)).not.toContain(CANARY);
  });

  it("names its loud switch again, which takes no value", async () => {
    const plain = { ...PROTOCOL, kafkaSecurityProtocol: "SASL_PLAINTEXT", kafkaSaslPasswordFile: "secret" };
    const flags = { ...plain, brokers: "k:9092", insecureSendPasswordInPlainText: true };
    const { answers } = await gatherAnswers(inputOf({ flags }), "hybrid-kafka", null);
    expect(sameSetup(answers, "env", null)).toContain("--insecure-send-password-in-plain-text --yes");
  });

  it("stays when the files are written again, until another protocol is named", async () => {
    const standing =
      "KAFKA_SECURITY_PROTOCOL=SASL_SSL\nKAFKA_SASL_MECHANISM=PLAIN\nKAFKA_SASL_USERNAME=u\nKAFKA_SASL_PASSWORD_FILE=secret\n";
    const existing = ["env/.env.hybrid"];
    const input = inputOf({ existing }, { "env/.env.hybrid": standing });
    expect(await linesOf(input)).toHaveLength(4);
    const another = { ...input, flags: { kafkaSecurityProtocol: "SSL" } };
    expect(await linesOf(another)).toEqual(["export KAFKA_SECURITY_PROTOCOL=SSL"]);
  });

  it("that contradicts itself is told as the commands would, and flags of another mode are refused", async () => {
    const lacking = gatherAnswers(inputOf({ flags: PROTOCOL }), "hybrid-kafka", null);
    await expect(lacking).rejects.toThrow("KAFKA_SASL_MECHANISM=PLAIN needs KAFKA_SASL_PASSWORD_FILE");
    for (const mode of ["legacy", "e2e"] as const) {
      const foreign = gatherAnswers(inputOf({ flags: { kafkaSaslPasswordFile: "secret" } }), mode, null);
      await expect(foreign).rejects.toThrow(`--kafka-sasl-password-file has no meaning in mode ${mode}`);
    }
  });
});
