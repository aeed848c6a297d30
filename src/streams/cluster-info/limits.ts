import * as z from "zod";

/*
 * Bytes of the names that PostgreSQL keeps in an index, all of them in one: a row of an index holds 2,704. Kubernetes'
 * own names have 253 at most and a uid has 36, so nothing real comes near.
 */
export const MAX_CLUSTER_BYTES = 512;
export const MAX_UID_BYTES = 1024;
const MAX_KIND_BYTES = 253;
/** Together with its namespace and its kind, a name becomes the uid of an object that has none. */
const MAX_NAME_BYTES = 600;
const MAX_NAMESPACE_BYTES = 253;

export function hasAtMost(bytes: number, text: string): boolean {
  return text.length * 3 <= bytes || (text.length <= bytes && Buffer.byteLength(text) <= bytes);
}

export const clusterText = upTo(MAX_CLUSTER_BYTES).min(1);
export const kindText = upTo(MAX_KIND_BYTES);
export const nameText = upTo(MAX_NAME_BYTES).min(1);
export const namespaceText = upTo(MAX_NAMESPACE_BYTES);

function upTo(bytes: number): z.ZodString {
  return z.string().refine((text) => hasAtMost(bytes, text), `expected at most ${bytes} bytes`);
}
