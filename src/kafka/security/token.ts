/** A token as it came, and how long it may be used. */
export interface Token {
  readonly value: string;
  /** Milliseconds; 0 when nobody said: then it is fetched anew for every login. */
  readonly lifeMs: number;
}

/** RFC 6750's alphabet; anything else could add fields of its own to the login. */
export function isToken(text: string): boolean {
  return /^[\w.~+/-]+=*$/.test(text);
}

/** The answer of a token endpoint (RFC 6749, section 5.1); null when it is none. */
export function parseTokenAnswer(text: string): Token | null {
  const answer = parseObject(text);
  const value = answer?.["access_token"];
  if (typeof value !== "string" || !isToken(value)) return null;
  const said = secondsOf(answer?.["expires_in"]);
  return { value, lifeMs: Math.max(0, said === null ? lifeOfJwt(value) : said * 1000) };
}

/** Many endpoints write the number as a text. */
function secondsOf(value: unknown): number | null {
  const seconds = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds : null;
}

/** The token's own `exp` (RFC 7519), when it is one that can be read. */
function lifeOfJwt(value: string): number {
  const claims = parseObject(Buffer.from(value.split(".")[1] ?? "", "base64url").toString());
  const until = secondsOf(claims?.["exp"]);
  return until === null ? 0 : until * 1000 - Date.now();
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
