import { describe, expect, it } from "vitest";
import { Findings } from "../../../src/config/findings.ts";
import { openLayers } from "../../../src/config/sources/layers.ts";
import { makeInput } from "../make-input.ts";

describe("openLayers", () => {
  it("tells of names in the environment that miss ours by a letter or two, and of no others", () => {
    const findings = new Findings();
    const environment = {
      KAFKA_BROKER: "a:1",
      KAFKA_HEAP_OPTS: "-Xmx1g",
      DB_PORT_5432_TCP: "x",
      PATH: "/bin",
    };
    openLayers(makeInput({ environment }), [], findings);
    expect(findings.notices).toEqual([
      "KAFKA_BROKER in the environment is not read; did you mean KAFKA_BROKERS?",
    ]);
  });

  it("tells of protection that somebody counts on and that is not there", () => {
    const findings = new Findings();
    openLayers(makeInput({ environment: { KAFKA_SSL_CA_LOCATIO: "u" } }), [], findings);
    openLayers(makeInput({ files: { f: "KAFKA_SSL_TRUSTSTORE=x\n" }, envFiles: ["f"] }), [], findings);
    expect(findings.notices[0]).toBe(
      "KAFKA_SSL_CA_LOCATIO in the environment is about TLS or SASL to Kafka and not a setting that clusterflow knows; " +
        "did you mean KAFKA_SSL_CA_LOCATION?",
    );
    expect(findings.problems[0]).toContain("KAFKA_SSL_TRUSTSTORE in f:1 is not a setting of clusterflow");
  });

  it("complains of a named env file that is missing and not of a mode's file that is", () => {
    const findings = new Findings();
    openLayers(makeInput(), ["env/.env.hybrid"], findings);
    expect(findings.problems).toEqual([]);
    openLayers(makeInput({ envFiles: ["nope.env"] }), ["env/.env.hybrid"], findings);
    expect(findings.problems).toEqual(["env file nope.env does not exist"]);
  });
});
