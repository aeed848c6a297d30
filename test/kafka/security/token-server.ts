import { once } from "node:events";
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Pair } from "../../support/certificates.ts";

export const CLIENT = { clientId: "collector:1", clientSecret: "canary secret/4712" } as const;

/** A token as the broker's unsecured validator takes it: an unsigned JWS. */
export function unsignedToken(lifeSeconds = 300): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: "none" }, { sub: "alice", iat: now - 1, exp: now + lifeSeconds }];
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")}.`;
}

export interface TokenServer extends AsyncDisposable {
  readonly url: string;
  /** Requests so far, as their bodies. */
  readonly asked: string[];
}

/** A token endpoint: RFC 6749's answers, or what `answer` makes of a request. */
export async function openTokenServer(
  tls: Pair,
  answer: (request: IncomingMessage, response: ServerResponse) => void = issueToken,
): Promise<TokenServer> {
  const asked: string[] = [];
  const server = createServer({ cert: tls.cert, key: tls.key }, (request, response) => {
    void text(request).then((body) => {
      asked.push(body);
      answer(request, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${port}/token?key=canary-query`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function issueToken({ headers }: IncomingMessage, response: ServerResponse): void {
  const encoded = Buffer.from((headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
  const [id, secret] = encoded.split(":").map((part) => decodeURIComponent(part.replaceAll("+", " ")));
  const isKnown = id === CLIENT.clientId && secret === CLIENT.clientSecret;
  response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" });
  const token = { access_token: unsignedToken(), token_type: "Bearer", expires_in: 300 };
  response.end(JSON.stringify(isKnown ? token : { error: "invalid_client", was: headers.authorization }));
}
