import type { Trouble } from "./trouble.ts";

/** kafkajs's name for whatever ends a login, a connection that was cut included. */
const NAME = "KafkaJSSASLAuthenticationError";

const REFUSED: Trouble = {
  says: "the login was refused",
  hint: "check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM, and whether the user exists",
};
const IMPOSTOR: Trouble = {
  says: "it could not prove that it knows the user's password, so it may not be the broker",
  hint: "check KAFKA_BROKERS, and set KAFKA_SECURITY_PROTOCOL=SASL_SSL",
};

/** What it means that a login failed; null when it was something else, or when it was only cut off. */
export function loginFailure(error: unknown): Trouble | null {
  if (!(error instanceof Error) || error.name !== NAME || isCutLogin(error)) return null;
  return /server signature|server nonce|less than the minimum/.test(error.message) ? IMPOSTOR : REFUSED;
}

/** kafkajs calls it final that a connection was lost in the middle of a login; the next one may well succeed. */
export function isCutLogin(error: Error): boolean {
  return (
    error.name === NAME &&
    /failed: (Closed connection|Connection |Not connected|Request .* timed out|the client is closed)/.test(
      error.message,
    )
  );
}
