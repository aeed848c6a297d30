import { readFile } from "node:fs/promises";
import type { TokenEndpoint, TokenSasl } from "../../config/parts.ts";
import { ClusterflowError } from "../../core/errors.ts";
import { isToken, type Token } from "./token.ts";
import { fetchToken } from "./token-endpoint.ts";

/** A login is made anew 3 s before it runs out, with a token that must then not be the old one. */
const SKEW_MS = 20_000;

/**
 * The token of every login: read from its file each time, since whoever writes it renews it, or fetched and kept
 * until shortly before it runs out. Logins at the same time share one request. No error holds a token or a secret.
 */
export class TokenSource {
  readonly #tokens: TokenSasl["tokens"];
  #kept: { readonly token: Token; readonly freshUntil: Moment } | null = null;
  #pending: Promise<string> | null = null;

  constructor(tokens: TokenSasl["tokens"]) {
    this.#tokens = tokens;
  }

  async token(): Promise<string> {
    if (this.#tokens.kind === "file") return readToken(this.#tokens.path);
    if (this.#kept !== null && isBefore(this.#kept.freshUntil)) return this.#kept.token.value;
    this.#pending ??= this.#fetch(this.#tokens).finally(() => (this.#pending = null));
    return this.#pending;
  }

  async #fetch(endpoint: TokenEndpoint): Promise<string> {
    const begun = now();
    const token = await fetchToken(endpoint);
    // what lives too short for the skew is used for half its life
    const life = token.lifeMs;
    const freshMs = Math.max(life - SKEW_MS, life / 2);
    this.#kept = { token, freshUntil: { set: begun.set + freshMs, steady: begun.steady + freshMs } };
    return token.value;
  }
}

/** By both clocks: one is set by people, the other stands still while the machine sleeps. */
interface Moment {
  readonly set: number;
  readonly steady: number;
}

function now(): Moment {
  return { set: Date.now(), steady: performance.now() };
}

function isBefore({ set, steady }: Moment): boolean {
  return Date.now() < set && performance.now() < steady;
}

async function readToken(path: string): Promise<string> {
  const wrong = (what: string, cause?: unknown): ClusterflowError =>
    new ClusterflowError(`the token file ${path} ${what}`, {
      code: "unreachable",
      hint: "check KAFKA_SASL_OAUTHBEARER_TOKEN_FILE, and who writes that file",
      // it is written anew now and then, and may be missing for a moment
      retryable: true,
      cause,
    });
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw wrong("cannot be read", error);
  });
  const token = text.trim();
  if (!isToken(token)) throw wrong("does not hold a token");
  return token;
}
