import path from "node:path";
import { isJsonObject } from "../../../core/json.ts";

/** Where a list goes on, and at which revision; -1 means at whatever revision is the newest. */
export interface ContinueToken {
  readonly revision: number;
  /** The first key that may come, relative to the listed namespace. */
  readonly start: string;
}

const VERSION = "meta.k8s.io/v1";

export type TokenForm = "from-cache" | "from-etcd";

/** Follows k8s.io/apiserver/pkg/storage/continue.go: base64url without padding over a small JSON object. */
export function encodeToken({ revision, start }: ContinueToken, form: TokenForm = "from-cache"): string {
  // lists served from memory write the leading slash, those from etcd do not; both are read
  const text = JSON.stringify({
    v: VERSION,
    rv: revision,
    start: form === "from-cache" ? `/${start}` : start,
  });
  return Buffer.from(text).toString("base64url");
}

/** The token, or in the server's own words what is wrong with it. */
export function decodeToken(text: string): ContinueToken | string {
  const token = parse(text);
  if (typeof token === "string") return `${INVALID}: ${token}`;
  if (token["v"] !== VERSION)
    return `${INVALID}: server does not recognize this encoded version ${String(token["v"])}`;
  const { rv, start } = token;
  if (typeof rv !== "number" || !Number.isInteger(rv) || rv === 0) {
    return `${INVALID}: incorrect encoded start resourceVersion (version ${VERSION})`;
  }
  if (typeof start !== "string" || start === "")
    return `${INVALID}: encoded start key empty (version ${VERSION})`;
  const rooted = start.startsWith("/") ? start : `/${start}`;
  // a key that climbs out of its place is refused, as a real server does
  if (path.posix.normalize(rooted) !== rooted) return `${INVALID}: ${start}`;
  return { revision: rv, start: rooted.slice(1) };
}

const INVALID = "continue key is not valid";

function parse(text: string): Readonly<Record<string, unknown>> | string {
  // the length of base64 without padding is never one more than a multiple of four
  const bad = text.length % 4 === 1 ? text.length - 1 : text.search(/[^A-Za-z0-9_-]/);
  if (bad >= 0) return `illegal base64 data at input byte ${bad}`;
  const decoded = Buffer.from(text, "base64url").toString();
  try {
    const token: unknown = JSON.parse(decoded);
    if (isJsonObject(token)) return token;
  } catch {
    // told below, in the words of Go's decoder
  }
  return `invalid character '${decoded.slice(0, 1)}' looking for beginning of value`;
}
