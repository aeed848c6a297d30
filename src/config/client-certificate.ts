import { settingOf, type SettingId } from "./catalogue.ts";
import type { Findings } from "./findings.ts";
import type { Parser } from "./parsers.ts";
import type { ClientCertificate } from "./parts.ts";
import { parseFile, parsePrivateFile } from "./readable-file.ts";
import type { Found } from "./sources/resolve.ts";

/** Which settings make up the client certificate for one server. */
interface CertificateIds<Id extends SettingId> {
  readonly certificate: Id;
  readonly key: Id;
  readonly password: Id;
}

/** What of `Values` is needed, for whichever group it holds. */
interface Source<Id extends SettingId> {
  find(id: Id): Found | null;
  text(id: Id): string | null;
  parse<T>(id: Id, parser: Parser<T>): T | null;
}

/** Null when none is given, or when it is not whole or not fit; the findings then say why. */
export function parseClientCertificate<Id extends SettingId>(
  values: Source<Id>,
  ids: CertificateIds<Id>,
  directory: string,
  findings: Findings,
): ClientCertificate | null {
  const { certificate, key, password } = ids;
  needs(values, certificate, key, findings);
  needs(values, key, certificate, findings);
  needs(values, password, key, findings);
  const certFile = values.parse(certificate, parseFile(directory));
  const keyFile = values.parse(key, parsePrivateFile(directory));
  return certFile === null || keyFile === null
    ? null
    : { certFile, keyFile, keyPassword: values.text(password) };
}

function needs<Id extends SettingId>(values: Source<Id>, id: Id, other: Id, findings: Findings): void {
  if (values.find(id) === null || values.find(other) !== null) return;
  findings.problem(`${nameOf(id)} is given without ${nameOf(other)}`);
}

function nameOf(id: SettingId): string {
  return settingOf(id).names[0] ?? id;
}
