import { readFileSync } from "node:fs";
import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import type { TokenEndpoint } from "../../config/parts.ts";
import { ClusterflowError } from "../../core/errors.ts";
import { parseTokenAnswer, type Token } from "./token.ts";
import { troubleOf } from "./trouble.ts";

/** For the whole answer; a login has 10 s. */
const ANSWER_MS = 5_000;
const ANSWER_BYTES = 256 * 1024;

/** Exchanges client credentials for a token (RFC 6749, section 4.4). Follows no redirect: the secret goes nowhere else. */
export async function fetchToken(endpoint: TokenEndpoint): Promise<Token> {
  const { status, text } = await post(endpoint).catch((error: unknown) => {
    throw unreached(endpoint, error);
  });
  const token = status === 200 ? parseTokenAnswer(text) : null;
  if (token !== null) return token;
  const place = placeOf(endpoint);
  if (status === 200) throw failure(`${place} answered with something that is no token`, false);
  // the body may hold what was sent, so it is not told
  const isPassing = status >= 500 || status === 429;
  throw failure(`${place} gave no token: it answered ${status}`, isPassing);
}

async function post(endpoint: TokenEndpoint): Promise<{ readonly status: number; readonly text: string }> {
  const url = new URL(endpoint.url);
  const scope = endpoint.scope === null ? {} : { scope: endpoint.scope };
  const body = new URLSearchParams({ grant_type: "client_credentials", ...scope }).toString();
  const options = {
    method: "POST",
    agent: false,
    signal: AbortSignal.timeout(ANSWER_MS),
    headers: {
      authorization: `Basic ${credentials(endpoint)}`,
      "content-type": "application/x-www-form-urlencoded",
      "content-length": Buffer.byteLength(body),
      accept: "application/json",
    },
  };
  const ca = endpoint.caFile === null ? {} : { ca: readFileSync(endpoint.caFile) };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request =
      url.protocol === "https:"
        ? requestTls(url, { ...options, ...ca, minVersion: "TLSv1.2" }, resolve)
        : requestPlain(url, options, resolve);
    request.once("error", reject).end(body);
  });
  return { status: answer.statusCode ?? 0, text: await textOf(answer) };
}

/** Form-encoded before base64, as RFC 6749, section 2.3.1, wants it: a colon in the id would end it. */
function credentials({ clientId, clientSecret }: TokenEndpoint): string {
  const encoded = [clientId, clientSecret].map((text) =>
    new URLSearchParams([["", text]]).toString().slice(1),
  );
  return Buffer.from(encoded.join(":")).toString("base64");
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) throw new Error("its answer has no end");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function unreached(endpoint: TokenEndpoint, error: unknown): ClusterflowError {
  const trouble = troubleOf(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "no answer";
  const why = trouble?.says ?? `it cannot be reached (${code === "ABORT_ERR" ? "no answer" : code})`;
  return failure(`${placeOf(endpoint)}: ${why}`, trouble === null);
}

function failure(message: string, retryable: boolean): ClusterflowError {
  return new ClusterflowError(message, { code: "unreachable", hint: HINT, retryable });
}

const HINT =
  "check KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL, _CLIENT_ID, _CLIENT_SECRET and _SCOPE, and KAFKA_HTTPS_CA_LOCATION";

/** Without its query, in which somebody may have put a key. */
function placeOf({ url }: TokenEndpoint): string {
  const { origin, pathname } = new URL(url);
  return `the token endpoint ${origin}${pathname}`;
}
