import type { KafkaConfig } from "kafkajs";
import type { KafkaSasl, KafkaSecurity, TokenSasl } from "../../config/parts.ts";
import { assertNever } from "../../core/never.ts";
import { tokenLogin } from "./token-login.ts";
import { TokenSource } from "./token-source.ts";

/**
 * Milliseconds before a login runs out at which it is made anew; tokens are renewed earlier than that. Not many: a login
 * that holds for less than this would be made anew at each request, and brokers hang up on who does that twice a second.
 */
const REAUTHENTICATE_MS = 3_000;

/** Spread into kafkajs's options. */
export type LoginOptions = Pick<KafkaConfig, "sasl" | "reauthenticationThreshold">;

export function loginOptions(security: KafkaSecurity | undefined): LoginOptions {
  if (security?.sasl == null) return {};
  return { sasl: saslOf(security.sasl), reauthenticationThreshold: REAUTHENTICATE_MS };
}

function saslOf(sasl: KafkaSasl): NonNullable<KafkaConfig["sasl"]> {
  switch (sasl.mechanism) {
    case "PLAIN":
      return { mechanism: "plain", username: sasl.username, password: sasl.password };
    case "SCRAM-SHA-256":
      return { mechanism: "scram-sha-256", username: sasl.username, password: sasl.password };
    case "SCRAM-SHA-512":
      return { mechanism: "scram-sha-512", username: sasl.username, password: sasl.password };
    case "OAUTHBEARER": {
      const source = sourceOf(sasl);
      return { mechanism: "OAUTHBEARER", authenticationProvider: tokenLogin(() => source.token()) };
    }
    default:
      return assertNever(sasl);
  }
}

/** One token for all clients with the same settings: a client is opened anew after every outage. */
const sources = new WeakMap<TokenSasl, TokenSource>();

function sourceOf(sasl: TokenSasl): TokenSource {
  const source = sources.get(sasl) ?? new TokenSource(sasl.tokens);
  sources.set(sasl, source);
  return source;
}
