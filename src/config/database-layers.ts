import type { SettingId } from "./catalogue.ts";
import { type DatabaseUrl, type DatabaseUrlParts, parseDatabaseUrl } from "./database-url.ts";
import type { Findings } from "./findings.ts";
import { type Given, type Layer, nameAndPlace } from "./sources/layers.ts";

const PARTS: readonly (readonly [keyof DatabaseUrlParts, SettingId, string])[] = [
  ["host", "databaseHost", "host"],
  ["port", "databasePort", "port"],
  ["name", "databaseName", "database name"],
  ["user", "databaseUser", "user"],
  ["password", "databasePassword", "password"],
  ["sslmode", "databaseSslmode", "sslmode"],
  ["sslRootCert", "databaseSslRootCert", "sslrootcert"],
  ["sslCert", "databaseSslCert", "sslcert"],
  ["sslKey", "databaseSslKey", "sslkey"],
  ["sslPassword", "databaseSslPassword", "sslpassword"],
];

/**
 * The same sources with every database address of the highest source that has one taken apart, so that its pieces
 * are weighed like settings given one by one. Addresses in lower sources are dropped whole: a password of theirs
 * must not travel to the host of another.
 */
export function withDatabaseUrl(layers: readonly Layer[], findings: Findings): readonly Layer[] {
  const highest = layers.findIndex((layer) => layer.some(isAddress));
  refuseTwice((layers[highest] ?? []).filter(isAddress), findings);
  return layers.map((layer, index) =>
    layer.flatMap((given) => {
      if (given.id !== "databaseUrl") return [given];
      return index === highest ? piecesOf(given, findings) : [];
    }),
  );
}

function isAddress(given: Given): boolean {
  if (given.id !== "databaseUrl") return false;
  const reading = given.read();
  return "trouble" in reading || reading.text !== "";
}

function refuseTwice(addresses: Layer, findings: Findings): void {
  const direct = addresses.find(({ indirect }) => !indirect);
  const fromFile = addresses.find(({ indirect }) => indirect);
  if (direct === undefined || fromFile === undefined) return;
  findings.problem(`${nameAndPlace(direct)} and ${nameAndPlace(fromFile)} are both set; keep one of them`);
}

function piecesOf(given: Given, findings: Findings): Layer {
  const url = readAddress(given);
  if ("trouble" in url) {
    findings.problem(`${nameAndPlace(given)} ${url.trouble}`);
    return [];
  }
  for (const name of url.unused)
    findings.notice(`${name} of ${nameAndPlace(given)} is not used by clusterflow`);
  return PARTS.flatMap(([key, id, part]): Given[] => {
    const text = url.parts[key];
    // indirect: not even with its file given may a piece be weighed as a file's path
    return text === undefined ? [] : [{ ...given, id, part, indirect: false, read: () => ({ text }) }];
  });
}

function readAddress(given: Given): DatabaseUrl {
  const reading = given.read();
  if ("trouble" in reading) return reading;
  return reading.text.trim() === "" ? { parts: {}, unused: [] } : parseDatabaseUrl(reading.text.trim());
}
