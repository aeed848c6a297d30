import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { ok, refused, type Outcome } from "../answer.ts";
import { unauthorized } from "../status.ts";

/** Who may read what. */
export interface Rights {
  /** Null: everybody is let in. */
  readonly token: string | null;
  /** Client certificates are asked for and count as credentials. */
  readonly clientCertificates: "accepted" | "ignored";
  /** Plural names of the kinds that are forbidden to everybody. */
  readonly denied: ReadonlySet<string>;
}

export const ANONYMOUS = "system:anonymous";

/** The name of whoever asks. Nobody is an answer too; a credential that is wrong is not. */
export function authenticate(request: IncomingMessage, rights: Rights): Outcome<string> {
  const certified = rights.clientCertificates === "accepted" ? certifiedUser(request) : null;
  if (certified === "unknown") return refused(unauthorized());
  if (certified !== null) return ok(certified.user);
  const [, given] = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (given === undefined) return ok(ANONYMOUS);
  if (rights.token === null) return ok("admin");
  return given === rights.token ? ok("admin") : refused(unauthorized());
}

/** The certificate's common name; null without a certificate. */
function certifiedUser({ socket }: IncomingMessage): { readonly user: string } | "unknown" | null {
  if (!(socket instanceof TLSSocket)) return null;
  const { subject } = socket.getPeerCertificate() as { subject?: { CN?: string | string[] } };
  if (subject === undefined) return null;
  return socket.authorized && typeof subject.CN === "string" ? { user: subject.CN } : "unknown";
}

/** Whether nobody in particular may read: only where no credentials exist at all. */
export function isOpen({ token, clientCertificates }: Rights): boolean {
  return token === null && clientCertificates === "ignored";
}
