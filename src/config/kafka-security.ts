import { type IdOf, SETTING_IDS, settingOf } from "./catalogue.ts";
import { parseClientCertificate } from "./client-certificate.ts";
import type { Findings } from "./findings.ts";
import { isLoopback } from "./loopback.ts";
import { parseBoolean, parseKafkaProtocol, parsePath, parseSaslMechanism, parseTokenUrl } from "./parsers.ts";
import type { KafkaSasl, KafkaSecurity, KafkaTls, SaslMechanism, TokenSasl } from "./parts.ts";
import { parseFile } from "./readable-file.ts";
import { nameAndPlace, type SettingsInput } from "./sources/layers.ts";
import type { Values } from "./sources/resolve.ts";

type Kafka = Values<"kafka">;
type KafkaId = IdOf<"kafka">;
type Place = Pick<SettingsInput, "environment" | "directory">;

/** Everything about TLS and SASL; the settings of Kafka that came before there was any are not among them. */
export const KAFKA_SECURITY_IDS = SETTING_IDS.filter(
  (id): id is KafkaId => settingOf(id).group === "kafka" && id !== "brokers" && id !== "topic",
);

const TLS_IDS: readonly KafkaId[] = ["kafkaCa", "kafkaCertificate", "kafkaKey", "kafkaKeyPassword"];
const PASSWORD_IDS: readonly KafkaId[] = ["kafkaUsername", "kafkaPassword"];
const ENDPOINT_IDS: readonly KafkaId[] = [
  ...(["kafkaTokenUrl", "kafkaClientId", "kafkaClientSecret"] as const),
  ...(["kafkaScope", "kafkaTokenCa"] as const),
];
const TOKEN_IDS: readonly KafkaId[] = [...ENDPOINT_IDS, "kafkaTokenFile"];
const SASL_IDS: readonly KafkaId[] = ["kafkaMechanism", ...PASSWORD_IDS, ...TOKEN_IDS];

/** Null for plain text, and when something does not fit together; the findings then say what. */
export function parseKafkaSecurity(
  values: Kafka,
  brokers: readonly string[],
  place: Place,
  findings: Findings,
): KafkaSecurity | null {
  const protocol = values.parse("kafkaProtocol", parseKafkaProtocol);
  const mayExposePassword = values.parse("kafkaInsecure", parseBoolean) ?? false;
  if (protocol === null) return null;
  const said = `KAFKA_SECURITY_PROTOCOL=${protocol}`;
  const tls = HAS_TLS[protocol]
    ? parseTls(values, place, findings)
    : refuse(values, TLS_IDS, `${said}, which has no TLS`, findings);
  const sasl = protocol.startsWith("SASL")
    ? parseSasl(values, place, findings)
    : refuse(values, SASL_IDS, `${said}, which has no SASL`, findings);
  if (sasl !== null && tls === null) judgePlainText(sasl.mechanism, brokers, mayExposePassword, findings);
  return tls === null && sasl === null ? null : { tls, sasl, mayExposePassword };
}

const HAS_TLS = { PLAINTEXT: false, SSL: true, SASL_PLAINTEXT: false, SASL_SSL: true } as const;

function parseTls(values: Kafka, { directory }: Place, findings: Findings): KafkaTls {
  const ids = { certificate: "kafkaCertificate", key: "kafkaKey", password: "kafkaKeyPassword" } as const;
  return {
    caFile: values.parse("kafkaCa", parseFile(directory)),
    client: parseClientCertificate(values, ids, directory, findings),
  };
}

function parseSasl(values: Kafka, place: Place, findings: Findings): KafkaSasl | null {
  if (place.environment["KAFKAJS_DEBUG_PROTOCOL_BUFFERS"] === "1") {
    findings.problem(
      "KAFKAJS_DEBUG_PROTOCOL_BUFFERS=1 in the environment prints requests with the secrets in them",
      "unset KAFKAJS_DEBUG_PROTOCOL_BUFFERS",
    );
  }
  const mechanism = values.parse("kafkaMechanism", parseSaslMechanism);
  if (mechanism === "OAUTHBEARER") return parseTokenSasl(values, place, findings);
  if (mechanism === null) {
    if (values.find("kafkaMechanism") === null) missing(["kafkaMechanism"], "a SASL protocol", findings);
    return null;
  }
  refuse(values, TOKEN_IDS, `KAFKA_SASL_MECHANISM=${mechanism}`, findings);
  if (!hasAll(values, PASSWORD_IDS, `KAFKA_SASL_MECHANISM=${mechanism}`, findings)) return null;
  const [username, password] = [values.text("kafkaUsername"), values.text("kafkaPassword")];
  return { mechanism, username: username ?? "", password: password ?? "" };
}

function parseTokenSasl(values: Kafka, { directory }: Place, findings: Findings): TokenSasl | null {
  const wanted = "KAFKA_SASL_MECHANISM=OAUTHBEARER";
  const mechanism = "OAUTHBEARER";
  refuse(values, PASSWORD_IDS, wanted, findings);
  if (values.find("kafkaTokenFile") !== null) {
    refuse(values, ENDPOINT_IDS, "KAFKA_SASL_OAUTHBEARER_TOKEN_FILE", findings);
    // whether it is there shows at the login: what writes it may not have begun yet
    const path = values.parse("kafkaTokenFile", parsePath(directory));
    return path === null ? null : { mechanism, tokens: { kind: "file", path } };
  }
  const ids = ["kafkaTokenUrl", "kafkaClientId", "kafkaClientSecret"] as const;
  if (!hasAll(values, ids, `${wanted} without a KAFKA_SASL_OAUTHBEARER_TOKEN_FILE`, findings)) return null;
  const url = values.parse("kafkaTokenUrl", parseTokenUrl);
  const [clientId, clientSecret] = [values.text("kafkaClientId"), values.text("kafkaClientSecret")];
  const caFile = values.parse("kafkaTokenCa", parseFile(directory));
  if (url === null || clientId === null || clientSecret === null) return null;
  const scope = values.text("kafkaScope");
  return { mechanism, tokens: { kind: "endpoint", url, clientId, clientSecret, scope, caFile } };
}

/** What SCRAM sends proves that we know the password and does not give it away; the others send it, or the token. */
function judgePlainText(
  mechanism: SaslMechanism,
  brokers: readonly string[],
  mayExposePassword: boolean,
  findings: Findings,
): void {
  const away = brokers.filter((broker) => !isLoopback(broker.replace(/:\d+$/, ""))).join(", ");
  if (away === "") return;
  const isExposed = mechanism === "PLAIN" || mechanism === "OAUTHBEARER";
  if (!isExposed) {
    findings.notice(`KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT: everything goes to ${away} unencrypted`);
  } else if (mayExposePassword) {
    findings.notice(`INSECURE: the ${secretOf(mechanism)} for Kafka goes to ${away} in plain text`);
  } else {
    findings.problem(
      `KAFKA_SASL_MECHANISM=${mechanism} without TLS would send the ${secretOf(mechanism)} to ${away} in plain text`,
      "set KAFKA_SECURITY_PROTOCOL=SASL_SSL; --insecure-send-password-in-plain-text permits it all the same",
    );
  }
}

function secretOf(mechanism: SaslMechanism): string {
  return mechanism === "OAUTHBEARER" ? "token" : "password";
}

/** Given, and without a meaning beside the other: one of them is not what was meant. */
function refuse(values: Kafka, ids: readonly KafkaId[], beside: string, findings: Findings): null {
  for (const id of ids) {
    const given = values.find(id)?.given;
    if (given) findings.problem(`${nameAndPlace(given)} contradicts ${beside}`, CONTRADICTION);
  }
  return null;
}

const CONTRADICTION =
  "leave one of the two out; with TLS it is KAFKA_SECURITY_PROTOCOL=SSL, with a login too it is SASL_SSL";

function hasAll(values: Kafka, ids: readonly KafkaId[], because: string, findings: Findings): boolean {
  const absent = ids.filter((id) => values.find(id) === null);
  if (absent.length > 0) missing(absent, because, findings);
  return absent.length === 0;
}

function missing(ids: readonly KafkaId[], because: string, findings: Findings): void {
  const names = ids.map((id) => {
    const { names, secret } = settingOf(id);
    return `${names[0] ?? id}${secret === true ? "_FILE" : ""}`;
  });
  findings.gap(`${because} needs ${names.join(" and ")}`);
}
