import { fixedMaterial, type Material } from "./material.ts";
import { usageError } from "../usage-error.ts";

/** What one request shows to the server. */
export interface Presented {
  /** Value of the `Authorization` header. */
  readonly authorization: string | null;
  /** Client certificate and key, PEM. */
  readonly cert: string | null;
  readonly key: string | null;
}

export const NOTHING_PRESENTED: Presented = { authorization: null, cert: null, key: null };

export interface Credentials {
  /** How messages call them, never with their value: `the token of user "admin"`. */
  readonly description: string;
  present(signal: AbortSignal): Promise<Presented>;
  /** What can be shown without running a command. Throws `usage` when a file of it cannot be used. */
  check(): Promise<Presented>;
  /** After a 401: makes the next `present` fetch anew; false when it could only show the same again. */
  renew(): boolean;
}

export interface ClientCertificate {
  readonly cert: Material;
  readonly key: Material;
}

export interface Authorization {
  readonly scheme: "Bearer" | "Basic";
  /** What follows the scheme in the header. */
  readonly value: Material;
}

/** Credentials made of materials: a header, a client certificate, both or none. */
export function materialCredentials(
  description: string,
  authorization: Authorization | null,
  certificate: ClientCertificate | null,
): Credentials {
  const present = async (): Promise<Presented> => {
    const value = authorization === null ? null : await authorization.value.read();
    if (value !== null) refuseUnsendable(value, description);
    return {
      authorization: value === null ? null : `${authorization?.scheme ?? ""} ${value}`,
      cert: (await certificate?.cert.read()) ?? null,
      key: (await certificate?.key.read()) ?? null,
    };
  };
  return {
    description,
    present,
    check: present,
    renew() {
      const forgotten = [authorization?.value, certificate?.cert, certificate?.key].map((material) =>
        material?.forget(),
      );
      return forgotten.includes(true);
    },
  };
}

export function basicAuthorization(username: string, password: string): Authorization {
  return { scheme: "Basic", value: fixedMaterial(Buffer.from(`${username}:${password}`).toString("base64")) };
}

export const ANONYMOUS = materialCredentials("a request without credentials", null, null);

/** Whether an HTTP header can carry it; false for a whole file pasted by mistake. */
export function isSendable(value: string): boolean {
  return /^[\x21-\x7e]+$/.test(value);
}

function refuseUnsendable(value: string, description: string): void {
  if (isSendable(value)) return;
  throw usageError(
    `${description} cannot be sent: it is empty or has white space or control characters`,
    "give the bare token, without a line break inside it",
  );
}
