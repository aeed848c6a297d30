import { settingOf } from "../catalogue.ts";
import { Findings } from "../findings.ts";
import { KAFKA_SECURITY_IDS, parseKafkaSecurity } from "../kafka-security.ts";
import { parsePath } from "../parsers.ts";
import { type Given, type Layer, openLayers, type SettingsInput } from "../sources/layers.ts";
import { resolveValues } from "../sources/resolve.ts";
import type { SecurityLine } from "./answers.ts";
import type { Gathering } from "./gathering.ts";

/**
 * TLS and SASL for Kafka as they will stand in the files: from flags and the environment, else as they stand in the
 * files that are replaced. Nobody is asked: most have none. A secret that lies in a file stays there.
 */
export function gatherSecurity({ input, findings }: Gathering, brokers: string): readonly SecurityLine[] {
  const { flags, environment, directory, existing } = input;
  const given = layersOf({ flags, environment, directory, envFiles: [] });
  const standing = layersOf({ flags: {}, environment: {}, directory, envFiles: existing });
  // another protocol begins from nothing: what stood there belonged to the old one
  const isAnother = given.flat().some(({ id }) => id === "kafkaProtocol");
  const values = resolveValues(isAnother ? given : [...given, ...standing], ["kafka"], findings);
  parseKafkaSecurity(values, brokers.split(","), input, findings);
  const found = KAFKA_SECURITY_IDS.map((id) => values.find(id)?.given ?? null);
  return found.filter((one) => one !== null).map((one) => lineOf(one, directory, findings));
}

function layersOf(input: SettingsInput): readonly Layer[] {
  const ids: readonly string[] = KAFKA_SECURITY_IDS;
  // what else is wrong in files that are about to be replaced is nobody's concern
  const layers = openLayers(input, [], new Findings());
  return layers.map((layer) => layer.filter(({ id }) => ids.includes(id)));
}

function lineOf(given: Given, directory: string, findings: Findings): SecurityLine {
  const { names, flag = "", secret } = settingOf(given.id);
  const name = `${names[0] ?? given.id}${given.indirect ? "_FILE" : ""}`;
  const value = valueOf(given, directory);
  // eslint-disable-next-line no-control-regex -- a line of an env file cannot hold them
  if (/[\u0000-\u001f\u007f]/.test(value))
    findings.problem(`${name} holds a line break or another control character; use ${name}_FILE`);
  const isTyped = secret === true && !given.indirect;
  return { name, value, flag: isTyped ? null : `${flag}${given.indirect ? "File" : ""}` };
}

/** Paths are absolute in a file: it may be used from another directory. */
function valueOf(given: Given, directory: string): string {
  const written = given.written();
  const text = "text" in written ? written.text.trim() : "";
  if (!given.indirect && !PATHS.includes(given.id)) return text;
  const parsed = parsePath(directory)(text);
  return "value" in parsed ? parsed.value : text;
}

const PATHS: readonly string[] = [
  "kafkaTokenFile",
  "kafkaTokenCa",
  "kafkaCa",
  "kafkaCertificate",
  "kafkaKey",
];
